"""How a push leaves: the contract of a provider, and the one that only writes a log line."""

import logging
from typing import Protocol

from schemas.push import PushRequest

_log = logging.getLogger(__name__)


class Rejected(Exception):  # noqa: N818  # an answer of the provider, not an error of ours
    """The provider refuses this request for good; others may well succeed.

    Attributes:
        detail: In words, for `push_deliveries`; never content, a token or a URL.
    """

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Unavailable(Exception):  # noqa: N818  # as above
    """The provider cannot take the request now; whether it took it may be unknown.

    Attributes:
        detail: As in `Rejected`.
        retry_after: Seconds the provider asks to be left alone; None when it does not say.
    """

    def __init__(self, detail: str, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after = retry_after


class Provider(Protocol):
    """Takes notifications to devices: a webhook, a log.

    All calls come from the one event loop of `PushGateway`, several `send` at a time. A request
    may be sent again after any outcome, a success included; `idempotency_key` tells.
    """

    @property
    def name(self) -> str:
        """What `push_deliveries.provider` says."""

    async def send(self, request: PushRequest) -> None:
        """Hand over one notification; returning means the provider has accepted it.

        The provider bounds the time itself.

        Raises:
            Rejected: Another attempt cannot help.
            Unavailable: Another attempt may help.
        """

    async def aclose(self) -> None:
        """Let go of connections; nothing is sent afterwards."""


class LogProvider:
    """Delivers by one log line at INFO, with ids and nothing else: for a laptop and a dry run."""

    name = "log"

    async def send(self, request: PushRequest) -> None:
        """Write the line; ids are quoted and cut, because clients choose what is in them."""
        partition, offset = request.kafka_partition, request.kafka_offset
        _log.info(
            "push message_id=%.200r user_id=%.200r event_type=%.200r",
            request.message_id,
            request.user_id,
            request.event_type,
            extra={"topic": request.kafka_topic, "partition": partition, "offset": offset},
        )

    async def aclose(self) -> None:
        """Nothing is held."""
