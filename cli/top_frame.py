"""The last answers of a flow in, the figures of `chatflow top` out."""

from collections import deque
from dataclasses import dataclass

from cli.scrape import Scrape, quantile

_RATES, _QUANTILES = 10.0, 60.0
"""Seconds over which rates and quantiles are taken."""


@dataclass(frozen=True)
class TopFrame:
    """Everything the view shows at one instant; seconds where nothing else is said.

    What is None is told by another process of the flow, or not known now.
    """

    version: str
    ready: bool
    rates: dict[str, float]
    """Records a second, by topic."""
    lag: float | None
    """Records."""
    delay: float | None
    """Of the watermark."""
    commit_p50: float | None
    commit_p99: float | None
    lock_wait: float
    """Part of the time that the database was waited for."""
    online: float | None
    known: float | None
    memory: float
    """Bytes."""
    stored: float
    """Rows a second, all tables."""
    late: float
    pushes: dict[str, float]
    """Decisions, then outcomes, then what waits, where that is known."""
    dead_letters: dict[str, float]
    """By reason, those that came; the most frequent first."""
    silent_for: float = 0.0
    """Since the flow last answered."""

    @property
    def rate(self) -> float:
        """Records a second, all topics."""
        return sum(self.rates.values())


class Window:
    """The answers of the last minute."""

    def __init__(self) -> None:
        self._scrapes: deque[Scrape] = deque()

    def add(self, scrape: Scrape) -> None:
        """Take a new answer; what came before a restart of the flow is forgotten."""
        if self._scrapes and _started(self._scrapes[-1]) != _started(scrape):
            self._scrapes.clear()
        self._scrapes.append(scrape)
        while self._scrapes[0].at < scrape.at - _QUANTILES:
            self._scrapes.popleft()

    def frame(self, now: float) -> TopFrame:
        """The figures; after the first `add`."""
        newest, oldest = self._scrapes[-1], self._scrapes[0]
        recent = next(found for found in self._scrapes if found.at >= newest.at - _RATES)
        earlier = oldest if newest.total(_COMMITS) > oldest.total(_COMMITS) else None
        builds = newest.samples.get("chatflow_build_info", {})
        return TopFrame(
            version=next((dict(labels).get("version", "") for labels in builds), ""),
            ready=newest.total("chatflow_ready") > 0,
            rates=_rates(newest, recent),
            lag=newest.told("chatflow_consumer_lag_records"),
            delay=newest.told("chatflow_watermark_delay_seconds"),
            commit_p50=quantile(0.5, "chatflow_commit_seconds", newest, earlier),
            commit_p99=quantile(0.99, "chatflow_commit_seconds", newest, earlier),
            lock_wait=_rate("chatflow_store_lock_wait_seconds_total", newest, recent),
            online=newest.told("chatflow_users_online"),
            known=newest.told("chatflow_users_known"),
            memory=newest.total("process_resident_memory_bytes"),
            stored=_rate("chatflow_sink_rows_total", newest, recent),
            late=newest.total("chatflow_late_events_total"),
            pushes=_pushes(newest),
            dead_letters=_most_frequent(newest.by("chatflow_dead_letters_total", "reason")),
            silent_for=now - newest.at,
        )


_COMMITS = "chatflow_commit_seconds_count"


def _started(scrape: Scrape) -> float:
    return scrape.total("process_start_time_seconds")


def _rate(name: str, newest: Scrape, oldest: Scrape) -> float:
    return _a_second(newest.total(name) - oldest.total(name), newest, oldest)


def _rates(newest: Scrape, oldest: Scrape) -> dict[str, float]:
    name = "chatflow_records_consumed_total"
    before = oldest.by(name, "topic")
    return {
        topic: _a_second(count - before.get(topic, 0.0), newest, oldest)
        for topic, count in newest.by(name, "topic").items()
    }


def _a_second(count: float, newest: Scrape, oldest: Scrape) -> float:
    passed = newest.at - oldest.at
    return max(0.0, count) / passed if passed > 0 else 0.0


def _pushes(scrape: Scrape) -> dict[str, float]:
    pending = scrape.told("chatflow_push_pending")
    return {
        **scrape.by("chatflow_push_decisions_total", "decision"),
        **scrape.by("chatflow_push_deliveries_total", "outcome"),
        **({} if pending is None else {"pending": pending}),
    }


def _most_frequent(counts: dict[str, float]) -> dict[str, float]:
    came = [(name, count) for name, count in counts.items() if count]
    return dict(sorted(came, key=lambda pair: (-pair[1], pair[0])))
