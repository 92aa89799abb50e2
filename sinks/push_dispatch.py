"""The event loop's side of `PushGateway`: which request is attempted when, and what comes of it."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable

from schemas.push import Outcome, PushDelivery
from sinks.backoff import Backoff
from sinks.providers import Provider, Rejected, Unavailable
from sinks.push_circuit import Circuit
from sinks.push_queue import PushQueue, Waiting

_log = logging.getLogger(__name__)

_LONGEST_SLEEP = 0.25
"""Seconds between looks for requests that grew too old while none may be attempted."""


class PushDispatch:
    """Attempts what is in the queue, a bounded number at a time.

    All but the queue belongs to one event loop: other threads reach `wake` and `stop` by
    `call_soon_threadsafe`.
    """

    def __init__(
        self,
        provider: Provider,
        queue: PushQueue,
        *,
        concurrency: int,
        backoff: Backoff,
        on_delivery: Callable[[PushDelivery], None],
        now: Callable[[], int],
    ) -> None:
        """`now` is the wall clock in milliseconds."""
        self._provider = provider
        self._queue = queue
        self._concurrency = concurrency
        self._backoff = backoff
        self._circuit = Circuit(backoff)
        self._on_delivery = on_delivery
        self._now = now
        self._awake = asyncio.Event()
        self._attempts: set[asyncio.Task[None]] = set()
        self._next_look = 0.0
        self._patience: float | None = None

    def wake(self) -> None:
        """Look at the queue again."""
        self._awake.set()

    def stop(self, patience: float) -> None:
        """Start no more attempts, and end once those under way did, or after these seconds."""
        self._patience = patience
        self._awake.set()

    async def run(self) -> None:
        """Deliver until `stop`, then close the provider."""
        while self._patience is None:
            self._awake.clear()
            self._drop_expired()
            self._start_attempts()
            await self._sleep()
        await self._end_attempts(self._patience)
        await self._provider.aclose()

    def _drop_expired(self) -> None:
        """Make room while nothing may be attempted; now and then, as it looks at all requests."""
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + _LONGEST_SLEEP
            for waiting in self._queue.take_expired(self._now()):
                self._expire(waiting)

    def _start_attempts(self) -> None:
        while self._circuit.admits(time.monotonic(), len(self._attempts), self._concurrency):
            waiting = self._queue.take(time.monotonic())
            if waiting is None:
                return
            if waiting.request.expires_at <= self._now():
                self._expire(waiting)
                continue
            attempt = asyncio.create_task(self._attempt(waiting))
            self._attempts.add(attempt)
            attempt.add_done_callback(self._attempt_ended)

    async def _sleep(self) -> None:
        """Until a submit, the end of an attempt or of a pause, a due retry, or a stop."""
        now = time.monotonic()
        due = self._queue.next_due()
        events = (self._circuit.remaining(now), due - now if due is not None else 0.0)
        longest = min((wait for wait in events if wait > 0), default=_LONGEST_SLEEP)
        timeout = min(longest, _LONGEST_SLEEP) if len(self._queue) else None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._awake.wait()

    async def _end_attempts(self, patience: float) -> None:
        if self._attempts:
            await asyncio.wait(self._attempts, timeout=patience)
        for attempt in self._attempts:
            attempt.cancel()
        await asyncio.gather(*self._attempts, return_exceptions=True)

    def _attempt_ended(self, attempt: asyncio.Task[None]) -> None:
        self._attempts.discard(attempt)
        self._awake.set()

    async def _attempt(self, waiting: Waiting) -> None:
        waiting = waiting._replace(attempts=waiting.attempts + 1)
        try:
            await self._provider.send(waiting.request)
        except Unavailable as unavailable:
            self._postpone(waiting._replace(failure=unavailable.detail), unavailable.retry_after)
        except Rejected as rejected:
            self._provider_answered()
            self._finish(waiting, Outcome.REJECTED, rejected.detail)
        except Exception as exc:  # a defect, which another attempt would only meet again
            kind = type(exc).__name__  # its text may hold content
            _log.error("The push provider %s failed inside: %s", self._provider.name, kind)
            self._finish(waiting, Outcome.REJECTED, f"internal error: {kind}")
        else:
            self._provider_answered()
            self._finish(waiting, Outcome.DELIVERED, "")

    def _postpone(self, waiting: Waiting, retry_after: float | None) -> None:
        now = time.monotonic()
        if self._circuit.failed(now, waiting.failure, retry_after):
            _log.warning(
                "The push provider %s is unavailable (%s); waiting: %d, next attempt in %.1f s",
                *(self._provider.name, waiting.failure),
                *(len(self._queue), self._circuit.remaining(now)),
            )
        self._queue.put_back(waiting, now + self._backoff.delay(waiting.attempts))

    def _provider_answered(self) -> None:
        if self._circuit.answered(time.monotonic()):
            _log.info("The push provider %s takes requests again", self._provider.name)

    def _expire(self, waiting: Waiting) -> None:
        reason = waiting.failure or self._circuit.detail or "it was too old when its turn came"
        self._finish(waiting, Outcome.EXPIRED, reason)

    def _finish(self, waiting: Waiting, outcome: Outcome, detail: str) -> None:
        name, at = self._provider.name, self._now()
        self._on_delivery(
            PushDelivery(waiting.request, name, outcome, detail, waiting.attempts, at)
        )
        # Last: where nothing is pending any more, nobody waits for an outcome.
        self._queue.done(waiting)
