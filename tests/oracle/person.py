"""One user's presence, moved on event by event: section 4 of the semantics."""

from dataclasses import dataclass

from tests.oracle.messages import MessageRow
from tests.oracle.sessions import SessionNamed
from tests.oracle.values import RawRecord, Rules

_MARKS = 8
_NOWHERE = (None, None, None)


@dataclass
class Session:
    """A session that lives until `renewed_ms` plus the timeout."""

    key: str
    worker: str | None
    connection_time: str | None
    renewed_ms: int


@dataclass(frozen=True)
class Ending:
    """The end of a user's last session, while nobody has been told yet."""

    at_ms: int
    reason: str
    record: RawRecord | None


@dataclass(frozen=True)
class Decided:
    """A push candidate's turn: when, and whether the user had come back by then."""

    message: MessageRow
    user_id: str
    at_ms: int
    came_back: bool


@dataclass(frozen=True)
class Change:
    """A change of status, with the record that made it or none."""

    coordinates: tuple[str, int, int] | tuple[None, None, None]
    user_id: str
    status: str
    reason: str
    at_ms: int


class Person:
    """What is known of a user at the instant of the last call; instants never go back."""

    def __init__(self, user_id: str, rules: Rules) -> None:
        self.user_id = user_id
        self.changes: list[Change] = []
        self.decided: list[Decided] = []
        self.last_seen_ms = 0
        self._rules = rules
        self._sessions: dict[str, Session] = {}
        self._marks: list[tuple[str, int]] = []
        self._ending: Ending | None = None
        self._waiting: list[MessageRow] = []

    @property
    def status(self) -> str:
        return self.changes[-1].status if self.changes else "offline"

    @property
    def sessions(self) -> int:
        return len(self._sessions)

    def advance(self, now: int) -> None:
        """Let happen what is due until then, in its order: sessions expire, the grace ends."""
        while True:
            if self._ending:
                if self._ending.at_ms + self._rules.offline_grace > now:
                    return
                self._end_grace(self._ending)
            elif not self._expire_next(now):
                return

    def open(self, at_ms: int, session: SessionNamed, record: RawRecord) -> None:
        """An opening event: `user_online` or a heartbeat."""
        # Marks are never later than an event that comes in order; one can be of the same instant.
        if session.name and (session.name, at_ms) in self._marks:
            return
        self.last_seen_ms = at_ms
        if not self._sessions:
            self._come(at_ms, record)
        living = self._sessions.get(session.key)
        # What an event does not say about a session that lives is still true.
        self._sessions[session.key] = Session(
            session.key,
            session.worker or (living.worker if living else None),
            session.connection_time or (living.connection_time if living else None),
            at_ms,
        )

    def close(self, at_ms: int, named: SessionNamed, record: RawRecord) -> None:
        """An offline event."""
        ended = [session for session in self._sessions.values() if _is_meant(session, named)]
        for key in (named.key, *(session.key for session in ended)):
            self._mark(key, at_ms)
        for session in ended:
            del self._sessions[session.key]
        if ended:
            self.last_seen_ms = at_ms
            if not self._sessions:
                self._ending = Ending(at_ms, "disconnected", record)

    def renew(self, at_ms: int, name: str | None) -> None:
        """A sign of life of the session of that name, or of all sessions."""
        renewed = [s for s in self._sessions.values() if name in (None, s.key)]
        for session in renewed:
            session.renewed_ms = at_ms
        if renewed:
            self.last_seen_ms = at_ms

    def be_candidate(self, at_ms: int, message: MessageRow) -> None:
        """A message came for this user: if no session lives, a push is to be decided."""
        if self._sessions:
            return
        if self._ending:
            self._waiting.append(message)
        else:
            self.decided.append(Decided(message, self.user_id, at_ms, came_back=False))

    def _come(self, at_ms: int, record: RawRecord) -> None:
        if self._ending:
            self._ending = None
            self._decide_waiting(at_ms, came_back=True)
        else:
            self._change(record, "online", "connected", at_ms)

    def _expire_next(self, now: int) -> bool:
        timeout = self._rules.session_timeout
        first = min(self._sessions.values(), key=lambda s: s.renewed_ms, default=None)
        if first is None or first.renewed_ms + timeout > now:
            return False
        del self._sessions[first.key]
        if not self._sessions:
            self._ending = Ending(first.renewed_ms + timeout, "expired", None)
        return True

    def _end_grace(self, ending: Ending) -> None:
        self._ending = None
        self._change(ending.record, "offline", ending.reason, ending.at_ms)
        self._decide_waiting(ending.at_ms + self._rules.offline_grace, came_back=False)

    def _decide_waiting(self, at_ms: int, *, came_back: bool) -> None:
        for message in self._waiting:
            self.decided.append(Decided(message, self.user_id, at_ms, came_back))
        self._waiting = []

    def _change(self, record: RawRecord | None, status: str, reason: str, at_ms: int) -> None:
        coordinates = record.coordinates if record else _NOWHERE
        self.changes.append(Change(coordinates, self.user_id, status, reason, at_ms))

    def _mark(self, key: str, at_ms: int) -> None:
        others = [mark for mark in self._marks if mark[0] != key]
        self._marks = [*others, (key, at_ms)][-_MARKS:]


def _is_meant(session: Session, named: SessionNamed) -> bool:
    """Whether an offline event that says this ends that session."""
    if named.name:
        same_time = named.connection_time and named.connection_time == session.connection_time
        return session.key == named.name or bool(same_time)
    return named.worker is None or named.worker == session.worker
