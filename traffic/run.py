"""Simulated traffic into Kafka: as it would happen, or as fast as the machine can."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from traffic.plan import Plan, SimulatedRecord, TopicKind
from traffic.producer import ChatProducer
from traffic.simulator import simulate

_LONGEST_NAP = 0.2
"""Seconds after which a waiting run looks at `stop` again."""
_CHECK_EVERY = 4096
"""Records after which a run asks whether Kafka still takes them."""


@dataclass(frozen=True)
class Summary:
    """What was sent and confirmed."""

    records: dict[TopicKind, int]
    """By topic, repeated ones and poison included."""
    seconds: float
    """How long it took on the clock, Kafka's confirmations included."""
    stopped: bool
    """Whether `stop` ended it before the plan did."""

    @property
    def total(self) -> int:
        """All records."""
        return sum(self.records.values())

    @property
    def rate(self) -> float:
        """Records a second on the clock."""
        return self.total / self.seconds if self.seconds else 0.0


def run(
    plan: Plan,
    producer: ChatProducer,
    *,
    pace: bool = False,
    stop: Callable[[], bool] = lambda: False,
) -> Summary:
    """Send the plan's records and wait for Kafka's confirmations.

    Args:
        plan: What to send.
        producer: Where to; it is flushed, not closed.
        pace: Send each record at its time, counted from the plan's start as from now, instead of
            as fast as possible.
        stop: Asked before every record; once it says so, nothing more is sent.

    Raises:
        DeliveryError: Kafka did not confirm some of the records; the rest was not sent.
    """
    counts = dict.fromkeys(TopicKind, 0)
    names = {kind: str(getattr(producer.topics, kind)) for kind in TopicKind}
    began = time.monotonic()
    stopped = False
    for number, record in enumerate(simulate(plan)):
        if pace:
            _await_turn(record, plan, began, stop)
        stopped = stop()
        if stopped:
            break
        topic = record.topic
        producer.send(names[topic], record.key, record.value, record.recorded_at)
        counts[topic] += 1
        if pace or number % _CHECK_EVERY == 0:
            producer.check()
    producer.flush()
    return Summary(counts, time.monotonic() - began, stopped)


def _await_turn(
    record: SimulatedRecord, plan: Plan, began: float, stop: Callable[[], bool]
) -> None:
    due = began + (record.recorded_at - plan.start_ms) / 1000
    while (left := due - time.monotonic()) > 0 and not stop():
        time.sleep(min(left, _LONGEST_NAP))
