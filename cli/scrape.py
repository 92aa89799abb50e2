"""The metrics of a running flow, fetched over HTTP and asked by name."""

import http.client
import math
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass

from config.errors import ChatflowError

_PATIENCE = 5.0
"""Seconds that a flow has to answer."""
_MOST = 16 * 1024 * 1024
"""Bytes of an answer: what is longer is no flow's."""

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Asks the flow itself: a proxy of the environment knows nothing of this machine's loopback."""

Labels = frozenset[tuple[str, str]]


class FlowSilentError(ChatflowError):
    """No flow answers at the URL, or what answers is none."""


@dataclass(frozen=True)
class Scrape:
    """All samples of one answer."""

    at: float
    """When it was asked for, in seconds of the caller's clock."""
    samples: Mapping[str, Mapping[Labels, float]]
    """By name, then by labels."""

    def total(self, name: str, **labels: str) -> float:
        """The sum of all samples of the name that have these labels; 0 without any."""
        wanted = set(labels.items())
        found = self.samples.get(name, {})
        return sum(value for given, value in found.items() if wanted <= given)

    def told(self, name: str) -> float | None:
        """The sum of all samples of the name; None where nothing is told of it."""
        return self.total(name) if self.samples.get(name) else None

    def by(self, name: str, label: str) -> dict[str, float]:
        """Sums by the values of a label, in the order in which they first came."""
        found: dict[str, float] = {}
        for labels, value in self.samples.get(name, {}).items():
            key = dict(labels).get(label, "")
            found[key] = found.get(key, 0.0) + value
        return found


def fetch(url: str, now: float) -> Scrape:
    """Ask the flow at this URL, as `http://127.0.0.1:9464`.

    Raises:
        FlowSilentError: Nobody answers, or somebody who is no flow.
    """
    # Here, because `chatflow --help` should not wait for the parser.
    from prometheus_client.parser import text_string_to_metric_families

    samples: dict[str, dict[Labels, float]] = {}
    try:
        for family in text_string_to_metric_families(_read(url)):
            for sample in family.samples:
                labels = frozenset(sample.labels.items())
                samples.setdefault(sample.name, {})[labels] = sample.value
    except ValueError as error:  # what is no text of metrics
        raise FlowSilentError(f"what answers at {url} is no flow: it tells no metrics") from error
    if "chatflow_ready" not in samples:
        raise FlowSilentError(f"what answers at {url} is no flow: it tells nothing of one")
    return Scrape(now, samples)


def quantile(part: float, name: str, newest: Scrape, oldest: Scrape | None) -> float | None:
    """Below what this part of a histogram lies, between two answers; None where it is empty.

    Linear within a bucket, as Prometheus does it.
    """
    counts = _buckets(name, newest)
    before = _buckets(name, oldest) if oldest is not None else {}
    since = {limit: count - before.get(limit, 0.0) for limit, count in sorted(counts.items())}
    whole = since.get(math.inf, 0.0)
    if whole <= 0:
        return None
    below = lower = 0.0
    for limit, count in since.items():
        if count >= part * whole:
            if limit == math.inf:
                return lower
            return lower + (limit - lower) * (part * whole - below) / (count - below)
        below, lower = count, limit
    return lower


def _buckets(name: str, scrape: Scrape) -> dict[float, float]:
    found = scrape.by(f"{name}_bucket", "le")
    return {float(limit): count for limit, count in found.items()}


def _read(url: str) -> str:
    try:
        with _OPENER.open(f"{url.rstrip('/')}/metrics", timeout=_PATIENCE) as answer:
            body: bytes = answer.read(_MOST)
            return body.decode()
    except urllib.error.HTTPError as error:
        raise FlowSilentError(
            f"what answers at {url} is no flow: it says HTTP {error.code}"
        ) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise FlowSilentError(
            f"no flow answers at {url} ({reason}): start it, or name its address with --url;"
            " metrics.host and metrics.port say where it listens, and so does its log"
        ) from error
