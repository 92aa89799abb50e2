"""The sample in order of time, seen by the flow's own presence rules."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from config.settings import PresenceSettings
from dataflows import status
from dataflows.event_types import OPENING
from dataflows.groups import Groups
from dataflows.roster import Roster
from dataflows.sessions import OFFLINE
from dataflows.timeline import MESSAGE, SIGN, SIGNS_OF_LIFE, USER_EVENT, Instant, Timeline
from inspection.sample import Observed, PartitionSample, Sample
from schemas.directory import Directory
from schemas.events import ChatMessage, UserEvent

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class PresenceFacts:
    """What the sample says of who was online."""

    online: int
    """Direct messages whose recipient was."""
    offline: int
    """Direct messages whose recipient was not."""
    unknown: int
    """Direct messages to users of whom the sample had said nothing yet."""
    disconnected: int
    """How often users went offline because a server said so."""
    expired: int
    """How often because nothing was heard of them for `presence.session_timeout`."""
    unclosed: Sequence[tuple[int, int]]
    """Worker and event time of each session opened while the user's last one there was open."""
    span: int
    """Milliseconds of event time from the first user event to the last."""


class _Witness:
    """Counts what happens while a roster sees it."""

    def __init__(self, until: int | None, *, knows_everybody: bool) -> None:
        """`until` is the event time to which user events were read; None: to their end."""
        self._until = until
        self._knows_everybody = knows_everybody
        self.recipients: Counter[str] = Counter()
        self.unclosed: list[tuple[int, int]] = []

    def look(self, roster: Roster, event: ChatMessage | UserEvent) -> None:
        """Take note of an event that the roster is about to see."""
        if isinstance(event, UserEvent):
            if event.event_type in OPENING and event.worker_id is not None:
                self._opening(roster, event, event.worker_id)
        elif event.group_id is None and event.event_type == "message" and event.to_user:
            self.recipients[self._presence(roster, event.to_user, event.event_time)] += 1

    def _presence(self, roster: Roster, user_id: str, at: int) -> str:
        if self._until is not None and at > self._until:
            return "unknown"
        if user_id in roster.online:
            return "online"
        known = self._knows_everybody or user_id in roster.people
        return "offline" if known else "unknown"

    def _opening(self, roster: Roster, event: UserEvent, worker_id: int) -> None:
        person = roster.people.get(event.user_id)
        for session in person.sessions if person and event.session_id else ():
            if session.worker_id == worker_id and session.name != event.session_id:
                self.unclosed.append((worker_id, event.event_time))


def presence_of(sample: Sample, settings: PresenceSettings) -> PresenceFacts:
    """Let the sample happen in order of time."""
    users = list(sample.of(sample.topics.user_events))
    from_the_beginning = bool(users) and all(it.is_from_the_beginning for it in users)
    witness = _Witness(_read_until(users), knows_everybody=from_the_beginning)
    roster = Roster(
        settings.session_timeout // _MILLISECOND,
        settings.offline_grace // _MILLISECOND,
        Groups(Directory(), lambda user_id: True),
        lambda user_id: True,
    )
    for instant in _timeline(sample.records).release(None):
        roster.see(Instant(instant.time, instant.signs, ()))
        for placed in instant.events:
            witness.look(roster, placed[2])
            roster.see(Instant(instant.time, (), (placed,)))
    left = Counter(change.reason for change in roster.changes if change.status == OFFLINE)
    times = [event.event_time for _, event in sample.user_events]
    return PresenceFacts(
        witness.recipients["online"],
        witness.recipients["offline"],
        witness.recipients["unknown"],
        left[status.DISCONNECTED],
        left[status.EXPIRED],
        witness.unclosed,
        max(times, default=0) - min(times, default=0),
    )


def _read_until(partitions: Sequence[PartitionSample]) -> int | None:
    """Up to when all partitions were read, where one of them was not read to its end."""
    cut = [it.records for it in partitions if not it.reaches_the_end]
    newest = [[record.event.event_time for record in part if record.event] for part in cut]
    return min((max(times, default=0) for times in newest), default=None)


def _timeline(records: Sequence[Observed]) -> Timeline:
    timeline = Timeline(None)
    for record in records:
        event = record.event
        if isinstance(event, ChatMessage):
            timeline.add(record.source, MESSAGE, (event,), 0)
        elif event is not None:
            rank = SIGN if event.event_type in SIGNS_OF_LIFE else USER_EVENT
            timeline.add(record.source, rank, (event,), 0)
    return timeline
