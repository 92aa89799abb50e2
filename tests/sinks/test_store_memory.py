"""What every store answers at start, and how it counts windows anew."""

from collections.abc import Sequence

import pytest

from dataflows.persist import rows_of
from dataflows.push import wall_clock
from dataflows.windows import WindowRow
from schemas.events import ChatMessage, TopicPartition
from schemas.packed import rows_in
from schemas.rows import Rows
from schemas.tables import MESSAGE_STATS, PUSH_DECISIONS, PUSH_DELIVERIES
from sinks.epoch import Revisions, StoreItem, WindowKey
from sinks.memory import WindowState
from tests.builders import CHAT, batch, instant, message
from tests.places import DuckDBPlace, Place, PostgresPlace
from tests.sinks.stores import execution, remembered, run

MINUTE = 60_000
HORIZON = 600_000
WINDOW = WindowKey(instant(0), instant(60), "message", 1, "")
STATS = (
    "SELECT messages, senders, bytes, closed, revision FROM message_stats ORDER BY 1, 2, 3, 4, 5"
)


def stored(*found: ChatMessage, source: TopicPartition = CHAT) -> list[StoreItem]:
    return list(rows_of(batch(source, found)))


def stats(start: float, *, closed: bool, messages: int = 1, kind: str = "message") -> Rows:
    row = WindowRow(instant(start), instant(start + 60), kind, 1, "", messages, 1, 2, closed)
    return Rows.of(MESSAGE_STATS, [row])


def decided(offset: int, user_id: str, decision: str = "sent", *, at: int = 0) -> Rows:
    row = (*CHAT, offset, f"m{offset}", user_id, decision, "offline", "log", at or wall_clock())
    return Rows.of(PUSH_DECISIONS, [row])


def delivered(offset: int, user_id: str) -> Rows:
    row = (*CHAT, offset, f"m{offset}", user_id, "log", "delivered", "", 1, instant(3))
    return Rows.of(PUSH_DELIVERIES, [row])


def test_the_end_of_the_newest_closed_window_is_remembered(place: Place) -> None:
    run(place, [stats(60, closed=True), stats(0, closed=True), stats(120, closed=False)])
    assert remembered(place).closed_until() == instant(120)


def test_a_window_written_again_keeps_its_newest_counts(place: Place) -> None:
    run(place, [stats(0, closed=False)], [stats(0, closed=True, messages=2)])
    assert place.query(STATS) == [(2, 1, 2, True, 0)]


def test_open_windows_are_what_the_stored_messages_add_up_to(place: Place) -> None:
    found = [
        message("ann", at=61, text="早", offset=0),
        message("bob", at=119, text="x", content_type=2, file_size=10, offset=1),
        message(None, at=119, text="x", content_type=2, file_size=10, offset=2),
        message("bob", group="team", at=120, offset=3),
    ]
    run(place, stored(*found))
    assert sorted(remembered(place).open_windows(MINUTE, instant(60))) == [
        WindowState(instant(60), "message", 1, "", 1, 3, ("ann",)),
        WindowState(instant(60), "message", 2, "", 2, 22, ("bob",)),
        WindowState(instant(120), "group_message", 1, "team", 1, 2, ("bob",)),
    ]


def test_windows_that_are_closed_are_not_open(place: Place) -> None:
    run(place, stored(message(at=0), message(at=59), message(at=60)))
    found = remembered(place).open_windows(MINUTE, instant(60))
    assert [state.window_start for state in found] == [instant(60)]


def test_without_a_closed_window_every_message_is_in_an_open_one(place: Place) -> None:
    run(place, stored(message(at=-(10**8)), message(at=10**8)))
    assert sum(state.messages for state in remembered(place).open_windows(MINUTE, None)) == 2


def test_a_revision_counts_all_stored_messages_of_its_window(place: Place) -> None:
    with execution(place) as process:
        first = [message("ann", at=0, offset=0), message("ann", at=59, offset=1)]
        process.epoch(*stored(*first), stats(0, closed=True, messages=2))
        late = message("bob", at=30, text="bye", offset=2)
        process.epoch(*stored(late), Revisions((WINDOW,)))
    assert place.query(STATS) == [(3, 2, 7, True, 1)]


def test_a_revision_counts_the_messages_of_its_own_group_only(place: Place) -> None:
    found = [message(group=group, at=1, offset=at) for at, group in enumerate(["a", "a", "b"])]
    window = WindowKey(instant(0), instant(60), "group_message", 1, "a")
    run(place, [*stored(*found), Revisions((window,))])
    assert place.query("SELECT group_id, messages FROM message_stats") == [("a", 2)]


def test_a_revision_leaves_other_rows_alone(place: Place) -> None:
    others = [stats(60, closed=True), stats(0, closed=True, kind="group_message")]
    run(place, [*others, stats(0, closed=True)], [*stored(message(at=1)), Revisions((WINDOW,))])
    assert place.query("SELECT revision FROM message_stats ORDER BY 1") == [(0,), (0,), (1,)]


def test_a_window_named_twice_in_an_epoch_is_revised_once(place: Place) -> None:
    items = [*stored(message(at=1)), Revisions((WINDOW,)), Revisions((WINDOW, WINDOW))]
    run(place, [stats(0, closed=True)], items)
    assert place.query("SELECT messages, revision FROM message_stats") == [(1, 1)]


def test_a_window_whose_first_message_is_late_gets_a_closed_row(place: Place) -> None:
    run(place, [*stored(message(at=1)), Revisions((WINDOW,))])
    assert place.query("SELECT messages, closed FROM message_stats") == [(1, True)]


def test_windows_of_the_first_hours_of_1970_are_open_like_others(place: Place) -> None:
    run(place, stored(message(at=-instant(0) // 1000 + 3_600)))
    found = remembered(place).open_windows(MINUTE, 3_000_000)
    assert [state.window_start for state in found] == [3_600_000]


def ids_below(place: Place, below: int) -> list[tuple[str, int]]:
    return list(rows_in(remembered(place).message_ids(CHAT, below, HORIZON)))


def test_message_ids_come_in_offset_order_with_their_event_times(place: Place) -> None:
    found = [message(at=at, offset=offset) for offset, at in enumerate([10, 5, 20])]
    run(place, stored(*found))
    assert ids_below(place, 3) == [("m0", instant(10)), ("m1", instant(5)), ("m2", instant(20))]
    assert ids_below(place, 2) == [("m0", instant(10)), ("m1", instant(5))]


def test_message_ids_go_back_as_far_as_the_horizon(place: Place) -> None:
    found = [message(at=at, offset=offset) for offset, at in enumerate([0, 399, 400, 1000])]
    run(place, stored(*found))
    assert [name for name, _ in ids_below(place, 4)] == ["m2", "m3"]


def test_ids_of_late_messages_are_remembered_like_others(place: Place) -> None:
    found = [message(at=5000), message(at=1, recorded_at=5000, offset=1)]
    run(place, stored(*found))
    assert ids_below(place, 2) == [("m0", instant(5000)), ("m1", instant(1))]


def test_ids_stamped_in_the_future_come_with_no_later_time_than_tolerated(place: Place) -> None:
    future = message(at=10**9, recorded_at=0)
    run(place, stored(future, message(at=3, offset=1)))
    assert ids_below(place, 2) == [("m0", instant(60)), ("m1", instant(3))]


@pytest.mark.parametrize("microseconds", [1, 499, 500, 999])
def test_fractions_of_a_millisecond_that_others_wrote_hide_no_ids(
    database: DuckDBPlace | PostgresPlace, microseconds: int
) -> None:
    run(database, stored(*(message(at=at, offset=at) for at in range(3))))
    database.write(
        f"UPDATE messages SET created_at = created_at + INTERVAL '{microseconds} microseconds',"
        f" recorded_at = recorded_at + INTERVAL '{microseconds} microseconds'",
    )
    assert [name for name, _ in ids_below(database, 3)] == ["m0", "m1", "m2"]


def test_ids_of_another_partition_do_not_count(place: Place) -> None:
    run(place, stored(message(), source=CHAT._replace(partition=5)))
    assert ids_below(place, 9) == []


@pytest.mark.parametrize(
    ("rows", "pending"),
    [
        ([decided(0, "bob")], ["bob"]),
        ([decided(0, "bob", "suppressed")], []),
        ([decided(0, "bob"), delivered(0, "bob")], []),
        ([decided(0, "bob"), decided(0, "cid"), delivered(0, "bob")], ["cid"]),
        ([decided(0, "bob"), delivered(1, "bob")], ["bob"]),
    ],
    ids=["sent", "suppressed", "delivered", "another-user", "another-message"],
)
def test_pushes_are_pending_until_their_outcome_is_stored(
    place: Place, rows: Sequence[Rows], pending: Sequence[str]
) -> None:
    run(place, [*stored(message(), message(offset=1)), *rows])
    assert [found.user_id for found in remembered(place).pending_pushes()] == pending


def test_a_pending_push_brings_its_message(place: Place) -> None:
    sent = message("ann", group="team", at=3, recorded_at=3.5, file_size=4)
    run(place, [*stored(sent), decided(0, "bob", at=(now := wall_clock()))])
    (pending,) = remembered(place).pending_pushes()
    assert (pending.source, pending.message, pending.decided_at) == (CHAT, sent, now)


def test_a_pending_push_of_a_stamp_from_the_future_keeps_its_event_time(place: Place) -> None:
    run(place, [*stored(message(at=10**9, recorded_at=0)), decided(0, "bob")])
    (pending,) = remembered(place).pending_pushes()
    assert pending.message.event_time == instant(60)
