"""Events of a few people, of every kind that the join tells apart, in several partitions."""

from collections.abc import Sequence
from random import Random

import msgspec

from schemas.events import ChatMessage, TopicPartition, UserEvent
from tests.builders import instant, message, user_event

CHAT, USERS = "chat-messages", "user-events"
PLACES = tuple(
    TopicPartition(topic, number) for topic in (CHAT, USERS, "a-topic") for number in (0, 1)
)
_PEOPLE = ("ann", "bob", "cid", "dan", "安娜", "e" * 9, "early", "x" * 300)
_GROUPS = ("team", "listed", "empty", "队")
_SESSIONS = (None, None, "s1", "s2", "会话", "any", "worker-1")
_OPENING = ("user_online", "user_online", "user_online", "heartbeat", "user_heartbeat")
_SIGNS = ("user_typing", "typing", "message_read")
_OTHER = ("group_join", "group_join", "group_leave", "group_leave", "something_else")


def random_events(
    random: Random, count: int, *, crowded: bool = False
) -> dict[TopicPartition, list[ChatMessage | UserEvent]]:
    """Nearly in the order of time in each partition; some late, some recorded much later.

    `crowded` is many people who only come and go, and many who join groups and leave them.
    """
    found: dict[TopicPartition, list[ChatMessage | UserEvent]] = {place: [] for place in PLACES}
    at, pace = 0.0, random.choice((0.1, 0.7, 3.0))
    people = _PEOPLE[: random.randrange(2, len(_PEOPLE) + 1)]
    for _ in range(count):
        at += random.expovariate(1 / pace)
        source = random.choice(PLACES)
        event = _in_a_crowd(random) if crowded else _event(random, people)
        time = instant(at) // 1000 * 1000 if random.random() < 0.8 else instant(at)
        recorded = time + random.choice((0, 0, 1, random.randrange(900)))
        if random.random() < 0.05:
            time -= random.randrange(30_000)
        found[source].append(
            msgspec.structs.replace(
                event,
                kafka_offset=len(found[source]),
                created_at=time,
                recorded_at=recorded,
                event_time=time,
            )
        )
    return found


def _event(random: Random, people: Sequence[str]) -> ChatMessage | UserEvent:
    kind, who = random.random(), random.choice(people)
    if kind < 0.25:
        return _said(random, random.choice((who, who, who, None)), random.choice(people), None)
    if kind < 0.4:
        return _said(random, random.choice((who, who, None)), None, random.choice(_GROUPS))
    session = random.choice(_SESSIONS)
    worker, connected = random.choice((None, 1, 2)), random.choice((None, None, 7, -7))
    if kind < 0.6:
        name = random.choice(_OPENING)
    elif kind < 0.75:
        name = "user_offline"
    elif kind < 0.9:
        name = random.choice(_SIGNS)
    else:
        name = random.choice(_OTHER)
    group = random.choice((None, *_GROUPS))
    return user_event(name, who, session=session, worker=worker, connected=connected, group=group)


def _in_a_crowd(random: Random) -> ChatMessage | UserEvent:
    if random.random() < 0.5:
        guest, other = (f"guest {random.randrange(1500)}" for _ in range(2))
        if random.random() < 0.4:
            return message(guest, other)
        return user_event(random.choice(("user_online", "user_offline")), guest, session="s")
    member, group = f"member {random.randrange(100)}", f"group {random.randrange(30)}"
    if random.random() < 0.2:
        return message(member, group=group)
    kind = random.choice(("group_join", "group_leave", "group_leave"))
    return user_event(kind, member, group=group)


def _said(
    random: Random, sender: str | None, to: str | None, group: str | None
) -> ChatMessage | UserEvent:
    event = message(
        sender,
        to,
        group=group,
        text=random.choice(("hi", "早", "", "call-invite")),
        content_type=random.choice((1, 1, 2, 6, 7)),
        message_id=f"id-{random.getrandbits(48)}",
        file_size=random.choice((None, 7)),
    )
    kind = random.choice((event.event_type, event.event_type, event.event_type, "system_notice"))
    name = random.choice((None, "a file"))
    return msgspec.structs.replace(event, event_type=kind, file_name=name)
