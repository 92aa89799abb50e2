"""The peers' statistics: what a message counts for, and the row of a window."""

from typing import Any

from benchmarks.flows.plain import ChatMessage


def kind(message: ChatMessage) -> str:
    """The key that a message is counted under."""
    return f"{message.event_type}|{message.content_type}|{message.group_id or ''}"


def weight(message: ChatMessage) -> int:
    """What a message adds to the bytes of its window."""
    return len(message.content.encode()) + (message.file_size or 0)


def window_row(found: str, window_start: int, messages: int, size: int) -> dict[str, Any]:
    """The row of `message_stats`, by its key, the window's start in milliseconds and the counts."""
    event_type, content_type, group_id = found.split("|", 2)
    return {
        "window_start": window_start,
        "event_type": event_type,
        "content_type": int(content_type),
        "group_id": group_id,
        "messages": messages,
        "bytes": size,
    }
