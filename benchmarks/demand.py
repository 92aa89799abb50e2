"""What so many daily users do, and what the flow needs for it: arithmetic, and nothing else."""

import math
from dataclasses import dataclass, field

from benchmarks.measured import Costs

_DAY = 86_400
_YEAR = 365
_GB, _TB = 1e9, 1e12


def _assumed(value: float, says: str) -> float:
    found: float = field(default=value, metadata={"says": says})
    return found


@dataclass(frozen=True)
class Assumptions:
    """What cannot be measured here: how people use a chat, and how far machines are to be used."""

    messages: float = _assumed(55, "messages that a user sends a day")
    typing: float = _assumed(1, "typing events for each message")
    visits: float = _assumed(10, "times a day that a user comes online and goes")
    peak: float = _assumed(3, "events of the busiest second, to the mean of the day")
    group_share: float = _assumed(0.3, "part of the messages that go to a group")
    members: float = _assumed(20, "other members of the group that a message goes to")
    away: float = _assumed(0.8, "part of recipients who are not online, so that a push is decided")
    memberships: float = _assumed(5, "groups that a user is in")
    known: float = _assumed(0.4, "part of the daily users known at the peak: online, or just gone")
    used: float = _assumed(0.5, "part of a core that is planned with; the rest catches up")

    def told(self) -> list[tuple[str, str]]:
        """What each says, and its value."""
        names = self.__dataclass_fields__
        return [(names[name].metadata["says"], f"{getattr(self, name):g}") for name in names]

    @property
    def events(self) -> float:
        """Of one user in a day."""
        return self.messages * (1 + self.typing) + 2 * self.visits

    @property
    def decisions(self) -> float:
        """For the messages of one user in a day."""
        recipients = 1 - self.group_share + self.group_share * self.members
        return self.messages * recipients * self.away


@dataclass(frozen=True)
class Need:
    """What so many users need."""

    events_at_peak: float
    decisions_at_peak: float
    cores: float
    """Busy at the peak, everything together."""
    first_core: float
    """Of them, in the process that keeps the state and writes."""
    processes: int
    memory: float
    """Bytes, in that process."""
    kafka_bytes: float
    """A second, at the peak."""
    rows: float
    """A day."""
    rows_at_peak: float
    """A second."""
    bytes_a_year: dict[str, float]
    """By store."""

    @property
    def partitions(self) -> int:
        """Of each topic: two for each process."""
        return max(3, 2 * self.processes)

    def told(self) -> list[tuple[str, str]]:
        """Name and value of each, for people."""
        return [
            ("events a second, at the peak", f"{self.events_at_peak:,.0f}"),
            ("push decisions a second, at the peak", f"{self.decisions_at_peak:,.0f}"),
            ("read from Kafka at the peak, MB/s", f"{self.kafka_bytes / 1e6:,.1f}"),
            ("cores busy at the peak", f"{self.cores:,.2f}"),
            ("of one core, in the process that writes", f"{self.first_core:,.0%}"),
            ("processes", f"{self.processes:,}"),
            ("partitions of each topic", f"{self.partitions:,}"),
            ("Kafka consumers", f"{3 * self.partitions:,}"),
            ("database connections of the flow, at most", f"{self.processes:,}"),
            ("memory of the process that writes, GB", f"{self.memory / _GB:,.1f}"),
            ("rows a day, million", f"{self.rows / 1e6:,.1f}"),
            ("rows stored a second, at the peak", f"{self.rows_at_peak:,.0f}"),
            *(
                (f"{store}, TB a year", f"{size / _TB:,.2f}")
                for store, size in self.bytes_a_year.items()
            ),
        ]


def need(users: int, given: Assumptions, costs: Costs) -> Need:
    """What follows from the assumptions and the measured costs."""
    a_second = users * given.peak / _DAY
    events, decisions = a_second * given.events, a_second * given.decisions
    beside = decisions * costs.decision_seconds
    cores = events * costs.event_seconds + beside
    first = events * (costs.event_seconds - costs.decode_seconds) + beside
    readers = math.ceil(events * costs.decode_seconds / given.used)
    rows = {
        "messages": users * given.messages,
        "user_events": users * (given.messages * given.typing + 2 * given.visits),
        "presence_changes": users * 2 * given.visits,
        "push_decisions": users * given.decisions,
    }
    return Need(
        events_at_peak=events,
        decisions_at_peak=decisions,
        cores=cores,
        first_core=first,
        processes=1 if cores <= given.used else 1 + readers,
        memory=costs.process_bytes
        + users * (given.known * costs.user_bytes + given.memberships * costs.membership_bytes),
        kafka_bytes=events * costs.record_bytes,
        rows=sum(rows.values()),
        rows_at_peak=sum(rows.values()) * given.peak / _DAY,
        bytes_a_year={
            store: _YEAR * sum(rows[table] * size for table, size in sizes.items())
            for store, sizes in costs.rows.items()
        },
    )
