"""Whether the provider is to be asked at all: one pause for all requests while it is down.

    closed   up to `concurrency` attempts at once
      └ a Retry-After, or _TRIP failures in a row
    paused   no attempt
      └ the pause is over
    probing  one attempt at a time
      ├ any answer that is not "unavailable" → closed
      └ another failure → paused, for longer

Without it each of 100,000 waiting requests would try a dead provider on its own schedule, and all
of them would fall on it in the moment it comes back.
"""

from sinks.backoff import Backoff

_TRIP = 5
"""Failures in a row that mean the provider is down, and not that requests are unlucky."""
_LONGEST_PAUSE = 3600.0
"""Seconds. A provider that wants a longer one is asked again after an hour, so that a mistaken
header does not silence pushes for days."""


class Circuit:
    """The state above; `now` is monotonic, in seconds."""

    def __init__(self, backoff: Backoff) -> None:
        self._backoff = backoff
        self._failures = 0
        self._pauses = 0
        self._paused_until = float("-inf")
        self.detail = ""
        """What the last failure said; empty while the provider answers."""

    @property
    def is_closed(self) -> bool:
        """Whether the provider is believed to be up."""
        return self._pauses == 0

    def admits(self, now: float, in_flight: int, concurrency: int) -> bool:
        """Whether one more attempt may start beside those in flight."""
        limit = concurrency if self.is_closed else 1
        return now >= self._paused_until and in_flight < limit

    def remaining(self, now: float) -> float:
        """Seconds until the pause is over; 0 without one."""
        return max(0.0, self._paused_until - now)

    def answered(self, now: float) -> bool:
        """Note that the provider answered; True when that ends an outage.

        An answer to an attempt that was under way when a pause began does not end the pause: a
        provider that limits the rate takes some requests and turns others away.
        """
        if now < self._paused_until:
            return False
        recovered = not self.is_closed
        self._failures = self._pauses = 0
        self.detail = ""
        return recovered

    def failed(self, now: float, detail: str, retry_after: float | None) -> bool:
        """Note that the provider was unavailable; True when that starts a pause.

        Failures of attempts that were under way when a pause began neither count nor lengthen it,
        unless the provider asks for more.
        """
        self.detail = detail
        self._failures += 1
        began = now >= self._paused_until and self._trips(retry_after)
        if began:
            self._pauses += 1
        if began or retry_after is not None:
            pause = max(retry_after or 0.0, self._backoff.delay(self._pauses) if began else 0.0)
            self._paused_until = max(self._paused_until, now + min(pause, _LONGEST_PAUSE))
        return began

    def _trips(self, retry_after: float | None) -> bool:
        return retry_after is not None or not self.is_closed or self._failures >= _TRIP
