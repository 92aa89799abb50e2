"""However the same records are read, cut or sharded, the tables are the same."""

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.flow_runs import differences
from tests.random_logs import random_logs, tables_of

pytestmark = pytest.mark.usefixtures("each_join")

FEW = hypothesis_settings(max_examples=30, deadline=None, derandomize=True)
SEEDS = st.integers(0, 10_000)


@FEW
@given(seed=SEEDS, size=st.integers(1, 9), order=st.integers(0, 1000))
def test_the_cut_into_batches_and_their_order_do_not_matter(
    seed: int, size: int, order: int
) -> None:
    logs = random_logs(seed)
    assert not differences(tables_of(logs, size=size, order=order), tables_of(logs))


@FEW
@given(seed=SEEDS, shards=st.integers(2, 5))
def test_shards_give_the_same_tables_as_one(seed: int, shards: int) -> None:
    logs = random_logs(seed, late=0.2)
    assert not differences(tables_of(logs, shards=shards), tables_of(logs))


@FEW
@given(seed=SEEDS, per_epoch=st.integers(1, 40))
def test_the_length_of_epochs_does_not_matter(seed: int, per_epoch: int) -> None:
    logs = random_logs(seed)
    assert not differences(tables_of(logs, per_epoch=per_epoch, size=2), tables_of(logs, size=2))


@FEW
@given(seed=SEEDS, size=st.integers(1, 9), late=st.sampled_from([0.0, 0.3]))
def test_statistics_add_up_to_the_stored_messages(seed: int, size: int, late: float) -> None:
    found = tables_of(random_logs(seed, late=late), size=size, per_epoch=3)
    counted = {}
    for start, end, kind, content_type, group_id, messages, *_ in found["message_stats"]:
        assert end - start == 60_000
        counted[start, kind, content_type, group_id] = messages
    stored = [
        (row[14] // 60_000 * 60_000, row[4], row[10], row[8] or "") for row in found["messages"]
    ]
    assert counted == {key: stored.count(key) for key in stored}


@FEW
@given(seed=SEEDS)
def test_the_status_of_a_user_changes_back_and_forth(seed: int) -> None:
    found = tables_of(random_logs(seed, events=150), size=5)
    changes = sorted(found["presence_changes"], key=lambda row: row[-1])
    current: dict[str, tuple[str, int]] = {}
    for *_, user_id, status, _, at in changes:
        assert status != current.get(user_id, ("offline", 0))[0]
        current[user_id] = (status, at)
    assert {row[0]: (row[1], row[3]) for row in found["presence"]} == current


@FEW
@given(seed=SEEDS)
def test_nobody_is_a_candidate_twice_for_one_message(seed: int) -> None:
    found = tables_of(random_logs(seed, events=150), size=5)
    keys = [(*row[:3], row[4]) for row in found["push_decisions"]]
    assert len(set(keys)) == len(keys)
