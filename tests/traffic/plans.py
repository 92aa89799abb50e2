"""Plans for tests, and what their records say once decoded."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from schemas.events import ChatMessage, DeadLetter, TopicPartition, UserEvent
from tests.wire import decode
from traffic.plan import Plan, SimulatedRecord

START = datetime(2025, 9, 1, tzinfo=UTC)


def plan(**changes: Any) -> Plan:  # Any: the plan's own fields, of several types
    """A minute of a small chat in which nothing goes wrong unless the test says so."""
    quiet = {"poison_ratio": 0.0, "duplicate_ratio": 0.0, "out_of_order_ratio": 0.0}
    size = {"start": START, "rate": 50.0, "seconds": 60.0, "users": 60, "groups": 8}
    return Plan(**{**quiet, **size, **changes})


class KafkaRecord(NamedTuple):
    """A simulated record as a consumer would hold it."""

    simulated: SimulatedRecord

    def value(self) -> bytes | None:
        return self.simulated.value

    def key(self) -> bytes | None:
        return self.simulated.key

    def headers(self) -> None:
        return None

    def offset(self) -> int | None:
        return 0

    def timestamp(self) -> tuple[int, int]:
        return 1, self.simulated.recorded_at


def decoded(record: SimulatedRecord) -> ChatMessage | UserEvent | DeadLetter:
    """What the flow makes of it."""
    return decode(KafkaRecord(record), TopicPartition(record.topic, 0), 5_000)
