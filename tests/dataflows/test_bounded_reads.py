"""Reads that end and go on later: time stands where it stood, in every shard."""

import pytest

from config.settings import PresenceSettings
from dataflows.compiled_join import join_kind
from dataflows.join import Part
from dataflows.presence import own_part
from dataflows.shards import shard_of
from schemas.directory import Directory
from schemas.events import MessageBatch, Progress, UserEvent, UserEventBatch
from sinks.epoch import mark_rows
from sinks.memory import STORE
from tests.builders import CHAT, Event, instant, message, offline, online
from tests.places import ListPlace

pytestmark = pytest.mark.usefixtures("each_join")


def bounded_read(
    place: ListPlace, *events: Event, at: int, shards: int = 1
) -> list[tuple[str, str]]:
    """Read these to the end and commit; who changed, and how."""
    memory, sink = place.open()
    part = sink.build_part("store", STORE, None)
    logics = [
        join_kind(shards)(memory, shards, Directory(), PresenceSettings(), {})
        for _ in range(shards)
    ]
    offset = 1 + max(event.kafka_offset for event in events)
    newest = max(event.event_time for event in events)
    changes = []
    for progress, found in (
        (Progress(CHAT, at, None), ()),
        (Progress(CHAT, offset, newest), events),
        (Progress(CHAT, offset, newest, None, True), ()),
    ):
        users = [event for event in found if isinstance(event, UserEvent)]
        messages = [event for event in found if not isinstance(event, UserEvent)]
        for batch in (UserEventBatch(progress, users), MessageBatch(progress, messages)):
            for shard, logic in enumerate(logics):
                for each in logic.on_batch([Part(shard, own_part(batch, shard, shards))])[0]:
                    changes += [(change.user_id, change.status) for change in each.changes]
    for logic in logics:
        logic.snapshot()
    memory.leave(mark_rows(STORE, [(CHAT, offset)]))
    part.snapshot()
    part.snapshot()
    part.close()
    return changes


def test_a_grace_that_runs_at_the_end_of_a_read_is_not_over_when_the_next_one_begins() -> None:
    place = ListPlace()
    first = (online("ann", 0), offline("ann", 1, offset=1), online("bob", 10, offset=2))
    assert ("ann", "offline") not in bounded_read(place, *first, at=0)
    assert not bounded_read(place, online("ann", 10.5, offset=3), at=3)


@pytest.mark.parametrize("shards", [1, 2])
def test_a_late_message_of_the_next_read_moves_nobody_back(shards: int) -> None:
    place = ListPlace()
    names = [next(n for n in "abcdefgh" if shard_of(n, 2) == shard) for shard in range(2)]
    ann, bob = names
    first = (online(ann, 0), online(bob, 0, offset=1), message(ann, ann, 100, offset=2))
    bounded_read(place, *first, at=0, shards=shards)
    bounded_read(place, message(ann, ann, 98, offset=3), at=3, shards=shards)
    seen = {row["user_id"]: row["last_seen"] for row in place.durable["presence"].values()}
    assert seen[ann] == instant(100)
