"""Where push requests leave the dataflow."""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import TypeAlias

from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition
from typing_extensions import override

from schemas.push import PushRequest
from sinks.push_gateway import PushGateway

Requests: TypeAlias = Sequence[PushRequest]

_PART = "push"
_DRAIN = timedelta(seconds=5)
_log = logging.getLogger(__name__)


class _PushPartition(StatefulSinkPartition[Requests, None]):
    def __init__(self, gateway: PushGateway) -> None:
        self._gateway = gateway

    @override
    def write_batch(self, values: list[Requests]) -> None:
        for requests in values:
            self._gateway.submit(requests)

    @override
    def snapshot(self) -> None:
        """Nothing: the pending requests are those in the database without an outcome."""

    @override
    def close(self) -> None:
        """Wait a little for attempts under way; raising here would abort the process."""
        try:
            self._gateway.drain(_DRAIN)
        except Exception as exc:
            _log.error("The push gateway did not close: %s", type(exc).__name__)


class PushSink(FixedPartitionedSink[Requests, None]):
    """Hands `(key, requests)` to a gateway at once; the key does not matter.

    At-least-once: requests reach the provider before their epoch is durable, and again when it is
    replayed, with the same idempotency key.

    The engine builds the partition when the first item arrives, or at a resume; only then is what
    was pending delivered. So the first thing sent here should be a batch, however empty.
    """

    def __init__(
        self,
        make_gateway: Callable[[], PushGateway],
        pending: Callable[[], Iterable[PushRequest]],
    ) -> None:
        """`pending` gives the requests of earlier executions that have no outcome yet."""
        self._make_gateway = make_gateway
        self._pending = pending

    @override
    def list_parts(self) -> list[str]:
        return [_PART]

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: None) -> _PushPartition:
        """Start a gateway and give it what is pending, before anything new."""
        gateway = self._make_gateway()
        gateway.submit(self._pending())
        gateway.start()
        return _PushPartition(gateway)
