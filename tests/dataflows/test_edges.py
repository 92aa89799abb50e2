"""Stamps, positions and starts at which a flow could lose its way."""

from datetime import timedelta
from pathlib import Path

import pytest

from config.settings import PresenceSettings
from dataflows.alignment import Alignment
from dataflows.candidates import one_by_one
from dataflows.compiled_join import join_kind
from dataflows.decode import DeadLetterLimit
from dataflows.join import Part
from dataflows.timeline import MESSAGE, Timeline
from schemas.directory import Directory
from schemas.envelope import LATEST
from schemas.events import DeadLetter, MessageBatch, Progress, UserEventBatch
from schemas.rows import Rows
from schemas.tables import MESSAGE_STATS
from sinks.duckdb import DuckDBStore
from sinks.memory import STORE
from tests.builders import CHAT, USERS, Record, instant, message, record
from tests.places import DuckDBPlace, ListPlace, open_store, query
from tests.sinks.stores import run
from tests.wire import decode

pytestmark = pytest.mark.usefixtures("each_join")


def test_what_is_late_never_waits_for_a_watermark_that_has_fallen_behind() -> None:
    timeline = Timeline(instant(43))
    late = message(at=10)
    timeline.add(CHAT, MESSAGE, [late], 0)
    (found,) = timeline.release(instant(5))
    assert [placed[-1] for placed in found.events] == [late]
    assert not timeline.waiting_from()


def test_a_late_message_is_decided_though_a_partition_is_still_silent() -> None:
    memory, _ = ListPlace().open()
    spans = PresenceSettings(session_timeout=timedelta(minutes=30))
    logic = join_kind(1)(memory, 1, Directory(), spans, {})
    logic.on_batch(
        [
            Part(0, MessageBatch(Progress(CHAT, 1, instant(100), idle_for=0), [])),
            Part(0, UserEventBatch(Progress(CHAT, 1, instant(100), idle_for=0), [])),
        ]
    )
    silent = Progress(USERS, 0, None)
    found, _ = logic.on_batch(
        [
            Part(0, MessageBatch(silent, [])),
            Part(0, UserEventBatch(silent, [])),
            Part(0, MessageBatch(Progress(CHAT, 2, instant(100)), [message(at=1, offset=1)])),
            Part(0, UserEventBatch(Progress(CHAT, 2, instant(100)), [])),
        ]
    )
    assert [each.users for batch in found for each in one_by_one(batch.recipients)]


def test_a_record_timestamp_beyond_every_calendar_is_brought_into_it() -> None:
    value = record({"event_type": "user_online", "user_id": "ann", "timestamp": 1}).value()
    event = decode(Record(value, recorded_at=1_700_000_000_000_000_000), USERS, 60_000)
    assert not isinstance(event, DeadLetter)
    assert event.recorded_at == LATEST


def test_a_year_that_only_a_time_zone_makes_is_no_timestamp() -> None:
    stamp = "9999-12-31T23:59:59-23:59"
    value = {"event_type": "user_online", "user_id": "ann", "timestamp": stamp}
    assert isinstance(decode(record(value), USERS, 60_000), DeadLetter)


def test_a_record_from_tomorrow_does_not_starve_its_partition() -> None:
    alignment = Alignment(10_000, now=lambda: instant(0) / 1000)
    alignment.expect(CHAT)
    alignment.expect(USERS)
    tomorrow = [record({"timestamp": instant(86_400)}, at=86_400)]
    assert alignment.admit(CHAT, tomorrow) == 0
    assert alignment.admit(USERS, [record({"timestamp": instant(0)}, at=0)]) == 1
    assert alignment.admit(CHAT, tomorrow) == 1


def test_quiet_batches_leave_nothing_behind_in_the_dead_letter_limit() -> None:
    limit = DeadLetterLimit(0.5, 1000)
    for _ in range(100):
        limit.count(CHAT, 0, [])
    assert not limit._recent


def test_where_partitions_begin_is_known_to_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "chat.duckdb"
    open_store(path).begin({CHAT: 7}, (STORE,))
    assert open_store(path).marks(STORE) == {CHAT: 7}


def test_only_open_windows_of_another_length_are_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "chat.duckdb"
    rows = [_window(0, closed=True), _window(60, closed=False)]
    run(DuckDBPlace(path), [Rows.of(MESSAGE_STATS, rows)])
    hours = DuckDBStore(path, lock_timeout=5.0, chunk_rows=4, tolerance=0, window_length=3_600_000)
    hours.prepare()
    assert query(path, "SELECT closed FROM message_stats") == [(True,)]


def _window(start: int, *, closed: bool) -> tuple[object, ...]:
    return (instant(start), instant(start + 60), "message", 1, "", 1, 1, 2, closed, 0)
