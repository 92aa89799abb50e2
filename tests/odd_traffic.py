"""A small chat in which everything that the wire allows happens, often at the same instant."""

import base64
import json
from collections.abc import Iterable, Iterator
from random import Random
from typing import Any, NamedTuple

from confluent_kafka import Producer

from schemas.message_pb2 import Message
from tests.long_ids import LONGEST, SIZES, id_of

CHAT, USERS, GROUPS = "chat-messages", "user-events", "group-messages"
_PRESENCE = (
    ["user_online"] * 6
    + ["user_offline"] * 5
    + ["heartbeat", "user_heartbeat", "user_typing", "typing", "message_read"]
)
_ADDRESSES = ("10.0.0.1:4001", "10.0.0.1:4002", "[2001:db8::1]:4003", "10.0.0.9", "2001:db8::9")
_POISON = (b"[]", b"{}", b"not JSON", b'{"event_type":"user_typing"}', b"", None)

Fields = dict[str, Any]  # Any: whatever JSON can hold


class Cast(NamedTuple):
    """Who is in a story."""

    people: tuple[str, ...]
    teams: tuple[str, ...]
    unnamed: float = 0.0
    """Share of the records with an id that nobody in the cast has, maybe longer than any may be."""


SHORT_NAMED = Cast(("ann", "bob", "cid", "dan", "eve", "fay"), ("crew", "team"))
LONG_NAMED = Cast(
    (*SHORT_NAMED.people, id_of(LONGEST)),
    (*SHORT_NAMED.teams, id_of(LONGEST - 1, wide=True)),
    unnamed=0.02,
)


class OddRecord(NamedTuple):
    """A record to be produced at this place, in this order."""

    topic: str
    partition: int
    value: bytes | None
    recorded_ms: int
    headers: tuple[tuple[str, bytes | None], ...] = ()


def odd_story(
    seed: int, start_ms: int, *, events: int, pace_ms: int, cast: Cast = SHORT_NAMED
) -> list[OddRecord]:
    """Events of a few people in the order in which they are recorded.

    Each is recorded up to a second after it happened; a user's events are in one partition.
    """
    random = Random(seed)
    at_ms = start_ms
    story = []
    for _ in range(events):
        at_ms += round(random.expovariate(1 / pace_ms))
        recorded_ms = at_ms + random.choice((0, 0, 0, random.randrange(1000)))
        story.append(_record(random, cast, at_ms, recorded_ms))
    story.sort(key=lambda record: record.recorded_ms)
    return list(_with_repeats(random, story))


def produce(bootstrap_servers: str, records: Iterable[OddRecord]) -> None:
    """Write them, in their order."""
    producer = Producer({"bootstrap.servers": bootstrap_servers, "log_level": 0, "linger.ms": 5})
    for record in records:
        producer.produce(
            record.topic,
            value=record.value,
            partition=record.partition,
            timestamp=record.recorded_ms,
            headers=list(record.headers),
        )
    assert producer.flush(20) == 0, "records are still waiting to be sent"


def _with_repeats(random: Random, story: Iterable[OddRecord]) -> Iterator[OddRecord]:
    for record in story:
        yield record
        if random.random() < 0.03:
            yield record


def _record(random: Random, cast: Cast, at_ms: int, recorded_ms: int) -> OddRecord:
    who = random.choice(cast.people)
    place = cast.people.index(who) % 3
    kind = random.random()
    if kind < 0.03:
        topic = random.choice((CHAT, USERS, GROUPS))
        headers = (("trace", b"1"), ("empty", None)) if kind < 0.015 else ()
        return OddRecord(topic, place, random.choice(_POISON), recorded_ms, headers)
    fields: Fields = {"timestamp": _timestamp(random, at_ms), "user_id": who}
    if kind < 0.55:
        topic, more = USERS, _user_event(random, cast, at_ms)
    elif kind < 0.8:
        topic, more = CHAT, _direct(random, cast, who)
    else:
        topic, more = GROUPS, _group(random, cast, who)
    if random.random() < 0.6:
        fields["worker_id"] = random.randrange(3)
    if cast.unnamed and random.random() < cast.unnamed:
        name = id_of(random.choice(SIZES), wide=random.random() < 0.5)
        more |= {random.choice(("event_type", "user_id")): name}
    return OddRecord(topic, place, json.dumps(fields | more).encode(), recorded_ms)


def _timestamp(random: Random, at_ms: int) -> object:
    return random.choice((at_ms // 1000, at_ms // 1000, at_ms, at_ms * 1000, str(at_ms // 1000)))


def _user_event(random: Random, cast: Cast, at_ms: int) -> Fields:
    if random.random() < 0.1:
        kind = random.choice(("group_join", "group_leave"))
        return {"event_type": kind, "metadata": {"group_id": random.choice(cast.teams)}}
    connected = at_ms // 1000 // 60 * 60
    named: Fields = {
        "session_id": random.choice(("s1", "s2")),
        "client_ip": random.choice(_ADDRESSES),
        "connection_time": connected,
        "disconnect_time": connected,
        "worker_id": random.randrange(3),
        "shard_id": random.randrange(3),
    }
    odds = {"session_id": 0.3, "client_ip": 0.5}
    metadata = {n: v for n, v in named.items() if random.random() < odds.get(n, 0.15)}
    return {"event_type": random.choice(_PRESENCE), "metadata": metadata}


def _direct(random: Random, cast: Cast, who: str) -> Fields:
    to = random.choice(cast.people)
    message = _message(random, to=to, **{"from": who})
    return {"event_type": "message", "user_id": to, "message_data": _payload(random, message)}


def _group(random: Random, cast: Cast, who: str) -> Fields:
    team = random.choice(cast.teams)
    sender = random.choice((who, ""))
    message = _message(random, to=random.choice((team, "")), messageType=2, **{"from": sender})
    data = _payload(random, message)
    return {"event_type": "group_message", "message_data": data, "metadata": {"group_id": team}}


def _message(random: Random, **fields: Any) -> Fields:
    content_type = random.choice((1, 1, 1, 2, 3, 4, 5, 6, 7, 8))
    content = random.choice(("hello", "早上好", "", '{"type":"call-invite"}', '{"type":"offer"}'))
    more: Fields = {"content": content, "contentType": content_type}
    if random.random() < 0.8:
        more["messageId"] = f"msg_{random.getrandbits(40)}"
    if content_type in (2, 3, 5):
        more["file"] = random.randbytes(random.randrange(40))
    return {name: value for name, value in (more | fields).items() if value not in ("", b"")}


def _payload(random: Random, message: Fields) -> object:
    """The message in one of the forms of the wire."""
    if random.random() < 0.6:
        own = {("from_user" if name == "from" else name): value for name, value in message.items()}
        data = Message(**own).SerializeToString()
        text = random.choice((base64.b64encode, base64.urlsafe_b64encode))(data).decode()
        return random.choice((text, text.rstrip("=")))
    if "file" in message:
        message = {**message, "file": base64.b64encode(message["file"]).decode()}
    snake = {
        "contentType": "content_type",
        "messageType": "message_type",
        "messageId": "message_id",
    }
    if random.random() < 0.5:
        message = {snake.get(name, name): value for name, value in message.items()}
    text = json.dumps(message)
    return random.choice((message, text, base64.b64encode(text.encode()).decode()))
