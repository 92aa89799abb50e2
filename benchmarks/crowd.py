"""Many people, or few who do as much: what each one known costs shows in the difference."""

import time
from datetime import timedelta

from config.kafka import KafkaSettings
from schemas.message_pb2 import Message
from traffic.producer import ChatProducer

_AGE = timedelta(hours=2)
_PER_SECOND = 2_000
"""Events in a second of event time: 200,000 fit into a session's 30 minutes several times."""
_FIFTY = 50
"""Members of a group."""
GROUP = "group-00000000"
"""Which everybody writes to who writes to one."""


def come_online(kafka: KafkaSettings, events: int, people: int) -> None:
    """So many people open a session each, those of a small crowd again and again."""
    with ChatProducer(kafka) as producer:
        for number in range(events):
            user = _user(number % people)
            metadata = {"client_ip": f"203.0.113.7:{10_000 + number % people}"}
            producer.send_user_event("user_online", user, metadata, at=_at(number))


def join_groups(kafka: KafkaSettings, events: int, memberships: int) -> None:
    """So many users are in one group each, of fifty members; those of a small crowd join again."""
    with ChatProducer(kafka) as producer:
        for number in range(events):
            member = number % memberships
            metadata = {"group_id": f"group-{member // _FIFTY:08d}"}
            producer.send_user_event("group_join", _user(member), metadata, at=_at(number))


def write_to_group(kafka: KafkaSettings, messages: int) -> None:
    """The first of `people` writes to the group, whose other members stay away."""
    (sender,) = people(1)
    with ChatProducer(kafka) as producer:
        for number in range(messages):
            message = Message(
                messageId=f"msg-{number:08d}",
                from_user=sender,
                to=GROUP,
                content="hello",
                contentType=1,
                messageType=2,
            )
            producer.send_group_message(GROUP, sender, message, at=_at(number))


def people(count: int) -> list[str]:
    """The users of the first numbers."""
    return [_user(number) for number in range(count)]


def _user(number: int) -> str:
    """As long as the ids that chat servers give: a UUID."""
    return f"{number:08x}-0000-4000-8000-000000000000"


_BEGUN = (time.time_ns() // 1_000_000) - _AGE // timedelta(milliseconds=1)


def _at(number: int) -> int:
    return _BEGUN + number * 1000 // _PER_SECOND
