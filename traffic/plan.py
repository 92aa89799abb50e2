"""What to simulate: the settings of a run, and the records it consists of."""

import enum
from dataclasses import dataclass
from datetime import datetime

import msgspec

from config.errors import ConfigurationError


class TopicKind(enum.StrEnum):
    """Which of the three topics; named as in `kafka.topics`."""

    CHAT_MESSAGES = "chat_messages"
    USER_EVENTS = "user_events"
    GROUP_MESSAGES = "group_messages"

    # Enum's own is Python code, and every record is looked up by its topic.
    __hash__ = str.__hash__


class SimulatedRecord(msgspec.Struct, frozen=True, gc=False):
    """One record for Kafka; `recorded_at` is its timestamp, milliseconds since 1970 UTC."""

    topic: TopicKind
    key: bytes
    value: bytes | None
    recorded_at: int


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much happens, to whom, when, and how much of it goes wrong.

    The same plan is the same records, byte for byte.

    Raises:
        ConfigurationError: A number is out of range.
    """

    start: datetime
    """The event time of the first event, aware."""
    rate: float = 100.0
    """Events in a second of event time, repeated ones not counted."""
    seconds: float = 60.0
    users: int = 1000
    groups: int = 100
    largest_group: int = 50
    """Members of the largest group; most are far smaller."""
    seed: int = 1
    presence_ratio: float = 0.1
    """Part of the events that are people coming and going, at most a third; the rest of the user
    events is typing. With the rate and the number of users it makes the length of sessions."""
    poison_ratio: float = 0.001
    """Part of the records that nobody can decode; they stand in for events."""
    duplicate_ratio: float = 0.001
    """Part of the records that are sent a second time, a few records later."""
    out_of_order_ratio: float = 0.01
    """Part of the events that are recorded up to a second after they happened."""

    def __post_init__(self) -> None:
        problems = {
            "start needs a time zone": self.start.tzinfo is None,
            "rate must be above 0": not 0 < self.rate < float("inf"),
            "seconds must be 0 or more": not 0 <= self.seconds < float("inf"),
            "users must be 2 or more": self.users < 2,
            "groups must be 1 or more": self.groups < 1,
            "largest_group must be 2 or more": self.largest_group < 2,
            "presence_ratio must lie between 0 and 1/3": not 0 <= self.presence_ratio <= 1 / 3,
        }
        for name in ("poison_ratio", "duplicate_ratio", "out_of_order_ratio"):
            problems[f"{name} must lie between 0 and 1"] = not 0 <= getattr(self, name) <= 1
        wrong = [problem for problem, is_so in problems.items() if is_so]
        if wrong:
            raise ConfigurationError(f"this cannot be simulated: {', '.join(wrong)}")

    @property
    def events(self) -> int:
        """How many events happen, poison included and repeated ones not."""
        return round(self.rate * self.seconds)

    @property
    def start_ms(self) -> int:
        """`start` in milliseconds since 1970 UTC."""
        return round(self.start.timestamp() * 1000)

    @property
    def end_ms(self) -> int:
        """The event time at which the run is over; nothing is recorded later."""
        return self.start_ms + round(self.seconds * 1000)
