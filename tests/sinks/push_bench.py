"""A gateway, the HTTP servers it talks to, and where its outcomes arrive; all closed at the end."""

import contextlib
import time
from datetime import timedelta
from types import TracebackType
from typing import Self

from sinks.providers import Provider
from sinks.push_gateway import PushGateway
from sinks.webhook import WebhookProvider
from tests.http_server import PushServer, Reply
from tests.sinks.push_samples import Clock, Outcomes

_WAIT = 20.0
SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"


class PushBench:
    """Servers close before gateways drain, so that nothing waits for an answer."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.outcomes = Outcomes()
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def serve(self, *replies: Reply, port: int = 0) -> PushServer:
        server = PushServer(*replies, port=port)
        self._open.callback(server.close)
        return server

    def gateway(
        self, provider: Provider | str, *, max_pending: int = 100, concurrency: int = 8
    ) -> PushGateway:
        """A gateway that is not started; a string is the URL of a webhook."""
        if isinstance(provider, str):
            provider = WebhookProvider(provider, SECRET, timedelta(seconds=10))
        gateway = PushGateway(
            provider,
            on_delivery=self.outcomes,
            max_pending=max_pending,
            concurrency=concurrency,
            first_backoff=timedelta(milliseconds=10),
            max_backoff=timedelta(milliseconds=50),
            now=self.clock,
        )
        self._open.callback(gateway.drain, timedelta(0))
        return gateway

    @staticmethod
    def until_settled(gateway: PushGateway) -> None:
        """Wait until nothing is pending, which is so a moment after the last outcome is told."""
        deadline = time.monotonic() + _WAIT
        while gateway.pending:
            assert time.monotonic() < deadline, f"{gateway.pending} are pending"
            time.sleep(0.001)

    def start(
        self, provider: Provider | str, *, max_pending: int = 100, concurrency: int = 8
    ) -> PushGateway:
        gateway = self.gateway(provider, max_pending=max_pending, concurrency=concurrency)
        gateway.start()
        return gateway
