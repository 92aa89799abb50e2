"""Who is offline when a message comes, for a program that sees all events in one order."""

from typing import Any

from benchmarks.flows.plain import ChatMessage, Event, Sessions, UserEvent, decision, follow


class Presence:
    """Who is online and who is in which group, as the events tell it."""

    def __init__(self) -> None:
        self._sessions: dict[str, Sessions] = {}
        self._members: dict[str, set[str]] = {}

    def candidates(self, event: Event) -> list[dict[str, Any]]:
        """A row for each recipient who is offline."""
        if isinstance(event, UserEvent):
            self._sessions[event.user_id] = follow(self._sessions.get(event.user_id, {}), event)
            return []
        if not isinstance(event, ChatMessage):
            return []
        users = {event.to_user or ""}
        if event.group_id is not None:
            users = self._members.setdefault(event.group_id, set())
            users.add(event.from_user)
        return [decision(event, user_id) for user_id in users if not self._sessions.get(user_id)]
