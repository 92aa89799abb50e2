"""What a chat server does at its end: events into the three topics, in its own wire format."""

import time
from datetime import datetime, timedelta
from typing import Literal

from msgspec import UNSET

from config.kafka import KafkaSettings
from schemas import message_pb2
from traffic.envelope import Event, Metadata, encode, valid_text
from traffic.records import RecordProducer

Instant = datetime | int
"""An aware datetime, or milliseconds since 1970 UTC."""


class ChatProducer(RecordProducer):
    """Publish chat events as the chat server does: same bytes, same keys, same partitions.

    `at` is the event's time, and the record's; by default it is now. A message is a protobuf
    message or its serialised bytes, which are passed on untouched.
    """

    def __init__(
        self, kafka: KafkaSettings, *, delivery_timeout: timedelta = timedelta(seconds=30)
    ) -> None:
        super().__init__(kafka, delivery_timeout=delivery_timeout)
        self.topics = kafka.topics

    def send_chat_message(
        self,
        user_id: str,
        message: message_pb2.Message | bytes,
        *,
        at: Instant | None = None,
        worker_id: int = 0,
    ) -> None:
        """Publish a direct message; `user_id` is its recipient, and the record's key."""
        event = _event("message", user_id, at, worker_id, payload=message)
        self._publish(self.topics.chat_messages, user_id, event, at)

    def send_user_event(
        self,
        event_type: str,
        user_id: str,
        metadata: Metadata | None = None,
        *,
        at: Instant | None = None,
        worker_id: int = 0,
    ) -> None:
        """Publish what a user did, such as `user_online`; the record's key is the user."""
        event = _event(event_type, user_id, at, worker_id, metadata=metadata)
        self._publish(self.topics.user_events, user_id, event, at)

    def send_group_message(
        self,
        group_id: str,
        user_id: str,
        message: message_pb2.Message | bytes,
        *,
        at: Instant | None = None,
        key_by: Literal["group", "sender"] = "group",
    ) -> None:
        """Publish a message of `user_id` to a group.

        Keyed by the group, its messages keep their order. Newer chat servers key by the sender,
        and do not.
        """
        metadata: Metadata = {"group_id": group_id}
        # The server writes worker 0 here, whichever worker the sender is connected to.
        event = _event("group_message", user_id, at, 0, payload=message, metadata=metadata)
        key = group_id if key_by == "group" else user_id
        self._publish(self.topics.group_messages, key, event, at)

    def _publish(self, topic: str, key: str, event: Event, at: Instant | None) -> None:
        at_ms = 0 if at is None else _milliseconds(at)
        self.send(topic, valid_text(key).encode(), encode(event), at_ms)


def _event(
    event_type: str,
    user_id: str,
    at: Instant | None,
    worker_id: int,
    *,
    payload: message_pb2.Message | bytes = b"",
    metadata: Metadata | None = None,
) -> Event:
    if isinstance(payload, message_pb2.Message):
        payload = payload.SerializeToString()
    return Event(
        event_type=valid_text(event_type),
        timestamp=(time.time_ns() // 1_000_000 if at is None else _milliseconds(at)) // 1000,
        user_id=valid_text(user_id),
        message_data=payload or UNSET,
        metadata=metadata or UNSET,
        worker_id=worker_id,
    )


def _milliseconds(at: Instant) -> int:
    if isinstance(at, int):
        return at
    if at.tzinfo is None:
        raise ValueError("the instant of an event needs a time zone")
    return round(at.timestamp() * 1000)
