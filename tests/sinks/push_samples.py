"""Push requests for tests, a clock that stands still, and a place where outcomes arrive."""

import threading
from collections.abc import Callable, Sequence

from schemas.push import Outcome, PushDelivery, PushRequest

START = 1_756_000_000_000
"""The instant at which the tests take place, in milliseconds."""
_WAIT = 20.0
"""Seconds after which a test gives up; reached only by a test that fails."""


def push(number: int = 1, *, urgent: bool = False, expires_in: int = 60_000) -> PushRequest:
    return PushRequest(
        message_id=f"msg_{number}",
        user_id="ann",
        conversation_id="ann|bob",
        event_type="message",
        content_type=1,
        created_at=START - 500,
        decided_at=START,
        expires_at=START + expires_in,
        kafka_topic="chat-messages",
        kafka_partition=0,
        kafka_offset=number,
        from_user="bob",
        devices=("device-token",),
        urgent=urgent,
    )


def pushes(count: int) -> list[PushRequest]:
    return [push(number) for number in range(count)]


class Clock:
    """Says what it was told last."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        return self.now


class Outcomes:
    """Collects deliveries, from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._deliveries: list[PushDelivery] = []
        self.when_told: Callable[[], None] = lambda: None
        """Called before each of them is collected."""

    def __call__(self, delivery: PushDelivery) -> None:
        self.when_told()
        with self._changed:
            self._deliveries.append(delivery)
            self._changed.notify_all()

    def so_far(self) -> list[PushDelivery]:
        with self._changed:
            return list(self._deliveries)

    def wait_for(self, count: int) -> list[PushDelivery]:
        """The outcomes, once there are that many."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self._deliveries) >= count, _WAIT)
            return list(self._deliveries)


def ids(requests: Sequence[PushRequest]) -> list[str]:
    return [request.message_id for request in requests]


def outcomes_of(deliveries: Sequence[PushDelivery]) -> set[Outcome]:
    return {delivery.outcome for delivery in deliveries}
