"""Delivery of pushes: a queue, and a thread of its own that empties it into a provider.

The dataflow's thread only puts requests into the queue. The database holds what is pending, so
this memory may be lost at any moment: see `sinks.push_sink`.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterable
from datetime import timedelta

from schemas.push import Outcome, PushDelivery, PushRequest
from sinks.backoff import Backoff
from sinks.providers import Provider
from sinks.push_dispatch import PushDispatch
from sinks.push_queue import PushQueue

_FIRST_BACKOFF = timedelta(seconds=1)
_CLOSING = timedelta(seconds=2)
"""What cutting attempts short and closing the provider may take on top of a drain."""


def _wall_clock() -> int:
    return time.time_ns() // 1_000_000


class PushGateway:
    """Gives each request to the provider until it has a final outcome, at least once.

    A request is attempted until the provider takes or refuses it or `expires_at` comes; failures
    are followed by a back-off, and by a pause of all requests when the provider is down.
    Urgent requests overtake. `on_delivery` gets each final outcome exactly once, from this
    gateway's thread or, for an overflow, from the submitting one; it must not block or raise.
    """

    def __init__(
        self,
        provider: Provider,
        *,
        on_delivery: Callable[[PushDelivery], None],
        max_pending: int,
        concurrency: int,
        max_backoff: timedelta,
        first_backoff: timedelta = _FIRST_BACKOFF,
        now: Callable[[], int] = _wall_clock,
    ) -> None:
        """`now` is the wall clock in milliseconds; it only decides and dates outcomes."""
        self._name = provider.name
        self._on_delivery = on_delivery
        self._now = now
        self._queue = PushQueue(max_pending)
        self._dispatch = PushDispatch(
            provider,
            self._queue,
            concurrency=concurrency,
            backoff=Backoff(first_backoff.total_seconds(), max_backoff.total_seconds()),
            on_delivery=on_delivery,
            now=now,
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def pending(self) -> int:
        """How many requests have no outcome yet."""
        return len(self._queue)

    def start(self) -> None:
        """Begin to deliver."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._run, args=(self._loop,), name="push-gateway", daemon=True
        )
        self._thread.start()

    def submit(self, requests: Iterable[PushRequest]) -> None:
        """Take requests over; never waits for the provider.

        A request that waits already or was done recently is dropped. What is submitted after a
        drain stays without an outcome.
        """
        overflow = self._queue.add(requests)
        self._in_loop(self._dispatch.wake)
        for request in overflow:
            self._on_delivery(self._overflowed(request))

    def drain(self, timeout: timedelta) -> None:
        """Start no more attempts, wait for those under way, and stop.

        What is not delivered by then gets no outcome: it stays pending in the database.
        """
        self._in_loop(self._dispatch.stop, timeout.total_seconds())
        if self._thread is not None:
            self._thread.join((timeout + _CLOSING).total_seconds())

    def _in_loop(self, call: Callable[..., None], *args: float) -> None:
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed after a drain
                self._loop.call_soon_threadsafe(call, *args)

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        with contextlib.closing(loop):
            loop.run_until_complete(self._dispatch.run())

    def _overflowed(self, request: PushRequest) -> PushDelivery:
        detail = "too many requests were waiting"
        return PushDelivery(request, self._name, Outcome.OVERFLOW, detail, 0, self._now())
