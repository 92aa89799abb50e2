from schemas.events import Progress
from schemas.rows import Rows
from schemas.tables import FLOW_STATE, KAFKA_OFFSETS
from sinks.epoch import Epoch, Revisions, WindowKey, mark_rows
from tests.builders import CHAT, USERS

WINDOW = WindowKey(0, 60_000, "message", 1, "")


def state(key: str, content: bytes, step: str = "step") -> Rows:
    return Rows.of(FLOW_STATE, [(step, key, content)])


def merged(epoch: Epoch) -> dict[str, list[tuple[object, ...]]]:
    rows, _, _ = epoch.take("store")
    all_rows: dict[str, list[tuple[object, ...]]] = {}
    for found in rows:
        all_rows.setdefault(found.table.name, []).extend(zip(*found.columns, strict=True))
    return all_rows


def test_of_equal_keys_the_last_row_is_handed_over() -> None:
    epoch = Epoch()
    for key, content in [("a", b"1"), ("b", b"1"), ("a", b"2")]:
        epoch.merge(state(key, content))
    assert merged(epoch) == {"flow_state": [("step", "a", b"2"), ("step", "b", b"1")]}


def test_rows_that_share_no_key_are_handed_over_as_they_were_left() -> None:
    epoch = Epoch()
    left = [state("a", b"1"), state("a", b"2", step="other")]
    for rows in left:
        epoch.merge(rows)
    found, _, _ = epoch.take("store")
    assert all(rows is was for rows, was in zip(found, left, strict=True))


def test_what_was_handed_over_is_not_handed_over_again() -> None:
    epoch = Epoch()
    epoch.merge(state("a", b"1"))
    epoch.revise(Revisions((WINDOW,)))
    epoch.advance(Progress(CHAT, 3, None))
    epoch.take("store")
    assert epoch.take("store") == ([], set(), {})


def test_marks_are_handed_over_by_partition_and_as_rows() -> None:
    epoch = Epoch()
    for source, offset in [(CHAT, 2), (USERS, 1), (CHAT, 5)]:
        epoch.advance(Progress(source, offset, None))
    rows, _, marks = epoch.take("store")
    assert marks == {CHAT: 5, USERS: 1}
    assert list(zip(*rows[0].columns, strict=True)) == [("store", *CHAT, 5), ("store", *USERS, 1)]


def test_a_window_is_revised_once_an_epoch() -> None:
    epoch = Epoch()
    epoch.revise(Revisions((WINDOW, WINDOW)))
    epoch.revise(Revisions((WINDOW,)))
    assert epoch.take("store")[1] == {WINDOW}


def test_marks_of_another_sink_are_rows_of_their_own() -> None:
    rows = mark_rows("presence", [(CHAT, 4)])
    assert rows.table is KAFKA_OFFSETS
    assert rows.columns == (("presence",), (CHAT.topic,), (CHAT.partition,), (4,))
