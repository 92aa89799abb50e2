"""What the faults of push providers happen to."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.push_place import PushPlace, Serve
from tests.http_server import PushServer, Reply
from traffic.embedded import EmbeddedBroker


@pytest.fixture
def place(embedded: EmbeddedBroker, tmp_path: Path) -> PushPlace:
    return PushPlace.of(embedded, tmp_path)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Servers that end with the test."""
    with ExitStack() as servers:

        def start(reply: Reply, port: int = 0) -> PushServer:
            server = PushServer(reply, port=port)
            servers.callback(server.close)
            return server

        yield start
