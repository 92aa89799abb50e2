"""One line a row: the tables that the queries read, with a default for what a test does not say."""

from datetime import datetime
from typing import Any

Row = dict[str, Any]
Tables = dict[str, list[Row]]

READ = (
    "messages",
    "message_stats",
    "presence",
    "presence_changes",
    "push_decisions",
    "push_deliveries",
    "dead_letters",
)
"""The tables that queries read."""


def nothing() -> Tables:
    """A database on its first day."""
    return {name: [] for name in READ}


def message(created_at: datetime, **fields: Any) -> Row:
    """A text from ann to bob, where nothing else is said."""
    row = {
        "kafka_topic": "chat-messages",
        "kafka_partition": 0,
        "kafka_offset": 0,
        "message_id": "m",
        "event_type": "message",
        "conversation_id": "ann:bob",
        "from_user": "ann",
        "to_user": "bob",
        "group_id": None,
        "content": "",
        "content_type": 1,
        "message_type": 1,
        "file_name": None,
        "file_size": None,
        "created_at": created_at,
        "recorded_at": created_at,
    }
    return row | fields


def change(user_id: str, status: str, at: datetime) -> Row:
    """A change of a user's status."""
    reason = "connected" if status == "online" else "expired"
    return {"user_id": user_id, "status": status, "reason": reason, "at": at}


def person(user_id: str, status: str, since: datetime) -> Row:
    """What is published of a user now."""
    sessions = 1 if status == "online" else 0
    return {
        "user_id": user_id,
        "status": status,
        "sessions": sessions,
        "since": since,
        "last_seen": since,
    }
