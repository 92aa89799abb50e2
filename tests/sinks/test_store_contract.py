"""What every store promises: each epoch all or nothing, each record once, each key its last row."""

from collections.abc import Sequence

import pytest

from dataflows.persist import rows_of
from schemas.columns import Texts
from schemas.events import ChatMessage, Progress, TopicPartition
from schemas.rows import Rows
from schemas.tables import FLOW_STATE, PRESENCE, PRESENCE_CHANGES
from sinks.memory import STORE
from tests.builders import CHAT, USERS, batch, instant, message, online
from tests.places import Place
from tests.sinks.stores import execution, remembered, run, sent

OFFSETS = "SELECT kafka_offset FROM messages ORDER BY 1"


def state(key: str, content: bytes | None) -> Rows:
    return Rows.of(FLOW_STATE, [("step", key, content)])


def present(user_id: str, sessions: int) -> Rows:
    row = {"user_id": user_id, "status": "online", "sessions": sessions}
    times = dict.fromkeys(("since", "last_seen", "active_at"), instant(0))
    return Rows.of(PRESENCE, [[{**row, **times}[name] for name in PRESENCE.names]])


def test_rows_and_marks_of_an_epoch_arrive_together(place: Place) -> None:
    run(place, sent(0, 1))
    assert place.query(OFFSETS) == [(0,), (1,)]
    assert remembered(place).marks(STORE) == {CHAT: 2}


def test_an_epoch_that_is_not_committed_leaves_nothing(place: Place) -> None:
    run(place, sent(0))
    with execution(place) as process:
        process.write(*sent(*range(1, 9)), present("ann", 1))
    assert place.query(OFFSETS) == [(0,)]
    assert place.query("SELECT * FROM presence") == []
    assert remembered(place).marks(STORE) == {CHAT: 1}


def test_a_process_after_one_that_was_cut_off_writes_everything_once(place: Place) -> None:
    with execution(place) as process:
        process.epoch(*sent(0))
        process.write(*sent(1, 2))
    run(place, sent(0, 1, 2, 3))
    assert place.query(OFFSETS) == [(0,), (1,), (2,), (3,)]


@pytest.mark.parametrize(
    ("again", "rest"),
    [([0, 1], []), ([1], []), ([0, 1, 2, 3], [2, 3]), ([1, 4], [4])],
    ids=["all", "some", "half", "with-a-gap"],
)
def test_of_a_replayed_batch_only_new_rows_are_written(
    place: Place, again: Sequence[int], rest: Sequence[int]
) -> None:
    run(place, sent(0, 1))
    run(place, sent(*again))
    assert place.query(OFFSETS) == [(offset,) for offset in [0, 1, *rest]]


def test_a_mark_never_goes_back(place: Place) -> None:
    run(place, sent(0, 1, 2))
    run(place, sent(0), [Progress(CHAT, 1, None)])
    assert remembered(place).marks(STORE) == {CHAT: 3}


def test_each_partition_has_its_own_mark(place: Place) -> None:
    other = TopicPartition("chat-messages", 7)
    run(place, [*sent(0, 1), *sent(5, source=other)])
    run(place, [*sent(0, 1, source=other), *sent(2)])
    assert remembered(place).marks(STORE) == {CHAT: 3, other: 6}
    assert place.query("SELECT count(*) FROM messages") == [(4,)]


def test_progress_without_rows_moves_the_mark(place: Place) -> None:
    run(place, [Progress(USERS, 40, None)])
    assert remembered(place).marks(STORE) == {USERS: 40}


def test_marks_of_another_sink_are_its_own(place: Place) -> None:
    run(place, sent(0))
    assert remembered(place).marks("presence") == {}


def test_events_and_messages_keep_every_column(place: Place) -> None:
    found = message("ann", group="team", text="早", at=1.5, content_type=3, file_size=9)
    run(place, [*rows_of(batch(CHAT, [found])), *rows_of(batch(USERS, [online("ann", 2.5)]))])
    assert place.query(
        "SELECT kafka_topic, kafka_partition, kafka_offset, message_id, event_type,"
        " conversation_id, from_user, to_user, group_id, content, content_type, message_type,"
        " file_name, file_size, epoch_ms(created_at), epoch_ms(recorded_at) FROM messages"
    ) == [
        (
            *(*CHAT, 0, "m0", "group_message", "team", "ann", None, "team", "早", 3, 2, None, 9),
            *(instant(1), instant(1.5)),
        )
    ]
    assert place.query("SELECT user_id, epoch_ms(recorded_at) FROM user_events") == [
        ("ann", instant(2.5))
    ]


def test_of_rows_with_one_key_the_last_counts(place: Place) -> None:
    run(place, [present("ann", 1), present("bob", 1), present("ann", 2)])
    assert place.query("SELECT user_id, sessions FROM presence ORDER BY 1") == [
        ("ann", 2),
        ("bob", 1),
    ]


def test_a_key_written_again_later_is_replaced(place: Place) -> None:
    run(place, [present("ann", 1)], [present("ann", 2)])
    run(place, [present("ann", 3)])
    assert place.query("SELECT user_id, sessions FROM presence") == [("ann", 3)]


def test_what_a_step_leaves_is_committed_with_the_epoch(place: Place) -> None:
    with execution(place) as process:
        process.memory.leave(state("a", b"1"))
        process.epoch(*sent(0))
        process.memory.leave(state("a", b"2"))
    assert dict(remembered(place).states("step")) == {"a": b"1"}


def test_a_state_left_as_null_is_forgotten(place: Place) -> None:
    run(place, [state("a", b"1"), state("b", b"1")], [state("a", None)])
    assert dict(remembered(place).states("step")) == {"b": b"1"}
    assert place.query("SELECT count(*) FROM flow_state WHERE state IS NULL") == [(0,)]


def test_states_of_another_step_are_its_own(place: Place) -> None:
    run(place, [state("a", b"1")])
    assert dict(remembered(place).states("another")) == {}


def test_states_as_columns_are_those_that_are_given_as_rows(place: Place) -> None:
    left = {f"{number} 安娜": bytes([number % 256]) * number for number in range(300)}
    run(place, [state(key, value) for key, value in left.items()], [state("0 安娜", None)])
    memory, found = remembered(place), {}
    for keys, states in memory.packed_states("step"):
        assert isinstance(states, Texts)
        found.update({keys.text(row): states.raw(row) for row in range(len(keys))})
    del left["0 安娜"]
    assert found == dict(memory.states("step")) == left


def test_active_users_as_columns_are_those_that_are_given_as_rows(place: Place) -> None:
    run(place, [present(f"{number} 安娜", number) for number in range(3)])
    memory = remembered(place)
    found = [pair for both in memory.packed_active_users() for pair in zip(*both, strict=True)]
    assert sorted(found) == sorted(memory.active_users()) != []


def test_rows_that_time_made_have_no_coordinates(place: Place) -> None:
    change = (None, None, None, "ann", "offline", "expired", instant(9))
    run(place, [Rows.of(PRESENCE_CHANGES, [change])])
    assert place.query('SELECT kafka_topic, user_id, epoch_ms("at") FROM presence_changes') == [
        (None, "ann", instant(9))
    ]


def test_epochs_without_rows_change_nothing(place: Place) -> None:
    run(place, [], sent(0), [], [Progress(CHAT, 1, None)], [])
    assert place.query(OFFSETS) == [(0,)]
    assert remembered(place).marks(STORE) == {CHAT: 1}


def test_others_can_read_between_two_epochs(place: Place) -> None:
    with execution(place) as process:
        process.epoch(*sent(0))
        assert place.query(OFFSETS) == [(0,)]
        process.epoch(*sent(1))
        assert place.query(OFFSETS) == [(0,), (1,)]


def test_a_fresh_store_remembers_nothing(place: Place) -> None:
    memory = remembered(place)
    assert memory.marks(STORE) == {}
    assert memory.closed_until() is None
    assert not list(memory.open_windows(60_000, None))
    assert not list(memory.message_ids(CHAT, 10, 600_000))
    assert not list(memory.states("step"))
    assert not list(memory.pending_pushes())


def test_texts_of_any_alphabet_come_back_as_they_were(place: Place) -> None:
    odd: ChatMessage = message(text="a\x01b 'x' \U0001f600 \n", message_id='"; DROP')
    run(place, list(rows_of(batch(CHAT, [odd]))))
    assert place.query("SELECT content, message_id FROM messages") == [
        (odd.content, odd.message_id)
    ]
