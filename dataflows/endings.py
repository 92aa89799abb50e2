"""What is still to be done before and after the last commit."""

import time
from collections.abc import Callable
from datetime import timedelta

from dataflows import lifecycle
from dataflows.cluster import Cluster
from dataflows.group import GroupOffsets
from dataflows.source import KafkaSource
from sinks.push_gateway import PushGateway

_SETTLE = timedelta(seconds=5)
"""How long the last commit waits for pushes under way, so that it can hold their outcomes."""


def close(group: GroupOffsets | None, failure: Exception | None) -> None:
    """After the last commit, which came early if something failed."""
    if group is not None:
        group.close()
    if failure is not None:
        lifecycle.end_with(failure)


def in_turn(*steps: Callable[[], None]) -> Callable[[], None]:
    """All of these, one after the other."""

    def take() -> None:
        for step in steps:
            step()

    return take


def settle(source: KafkaSource, cluster: Cluster | None, gateway: PushGateway) -> None:
    """Before the last commit, give pushes under way a moment to get their outcome."""
    deadline = time.monotonic() + _SETTLE.total_seconds()
    is_last = source.finished if cluster is None else cluster.peers.have_ended
    while is_last and gateway.pending and time.monotonic() < deadline:
        time.sleep(0.01)
