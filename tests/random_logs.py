"""Logs of a made-up hour: everything the dataflow knows, in an order that a server could cause."""

from random import Random

from schemas.events import TopicPartition
from tests.builders import CHAT, GROUPS, USERS, Event, message, offline, online, user_event
from tests.flow_runs import Flow, Tables, settings
from tests.long_ids import LONGEST, SIZES, id_of
from tests.wire import Logs, batches, records, wire

PLACES = (CHAT, CHAT._replace(partition=1), USERS, USERS._replace(partition=1), GROUPS)
_PEOPLE = ("ann", "bob", "cid", "dan", id_of(LONGEST), id_of(LONGEST - 1, wide=True))
_TEAMS = ("team", id_of(LONGEST, 1))
_POISON = (
    b"\xff poison",
    *(wire(online(id_of(size, wide=wide))) for size in SIZES[2:] for wide in (False, True)),
)


def random_logs(seed: int, *, events: int = 60, pace: float = 8.0, late: float = 0.0) -> Logs:
    """Events over the partitions, in each of them nearly in the order of time.

    Args:
        seed: The same seed is the same hour.
        events: How many.
        pace: Mean seconds between two of them.
        late: Share of messages stamped up to five minutes before their record.
    """
    random = Random(seed)
    found: dict[TopicPartition, list[Event | bytes]] = {place: [] for place in PLACES}
    at = 0.0
    for _ in range(events):
        at += random.expovariate(1 / pace)
        if random.random() < 0.05:
            found[random.choice(PLACES)].append(random.choice(_POISON))
        source, event = _event(random, at, late)
        found[source].append(event)
        if random.random() < 0.05:
            found[source].append(event)
    return {source: records(each) for source, each in found.items()}


def _event(random: Random, at: float, late: float) -> tuple[TopicPartition, Event]:
    who, other = random.sample(_PEOPLE, 2)
    kind = random.random()
    stamped = at - random.uniform(60, 300) if random.random() < late else at
    name = f"id-{random.getrandbits(48)}"
    if kind < 0.25:
        there = CHAT._replace(partition=_PEOPLE.index(other) % 2)
        text = random.choice(("hi", "早", "call-invite", "offer"))
        content_type = 6 if text in ("call-invite", "offer") else random.choice((1, 2, 5))
        return there, message(
            who,
            other,
            stamped,
            text=text,
            content_type=content_type,
            message_id=name,
            recorded_at=at,
            file_size=random.choice((None, 7)),
        )
    if kind < 0.4:
        team = random.choice(_TEAMS)
        return GROUPS, message(who, group=team, at=stamped, message_id=name, recorded_at=at)
    return USERS._replace(partition=_PEOPLE.index(who) % 2), _user_event(random, who, at)


def _user_event(random: Random, who: str, at: float) -> Event:
    """All forms of naming a session, or none."""
    session = random.choice((None, None, "s1", "s2"))
    worker = random.choice((None, 1, 2))
    kind = random.random()
    if kind < 0.45:
        return online(who, at, session=session, worker=worker)
    if kind < 0.85:
        return offline(who, at, session=session, worker=worker)
    if kind < 0.92:
        return user_event(random.choice(("user_typing", "heartbeat")), who, at, session=session)
    return user_event(
        random.choice(("group_join", "group_leave")), who, at, group=random.choice(_TEAMS)
    )


SOON = settings(session_timeout=60, grace=5)
"""Sessions expire within the hour that the logs tell of."""


def tables_of(
    logs: Logs, *, size: int = 99, order: int = 0, shards: int = 1, per_epoch: int = 1000
) -> Tables:
    """What a run without interruption leaves."""
    flow = Flow(settings=settings(session_timeout=60, grace=5, shards=shards))
    flow.run(batches(logs, size=size, order=Random(order)), per_epoch=per_epoch)
    return flow.tables
