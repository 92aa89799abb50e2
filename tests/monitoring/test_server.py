"""The server for metrics and health: what it answers, and that nobody can keep it from that."""

import contextlib
import http.client
import socket
import time
from collections.abc import Iterator
from http import HTTPStatus

import pytest

from dataflows.status_server import Answer, StatusServer, StatusServerError


def fail(accept: str) -> Answer:
    raise ValueError("what ann wrote")


PAGES = {
    "/good": lambda accept: Answer(HTTPStatus.OK, "text/plain", f"wants {accept}".encode()),
    "/bad": lambda accept: Answer(HTTPStatus.SERVICE_UNAVAILABLE, "text/plain", b"draining\n"),
    "/broken": fail,
}


@pytest.fixture
def server() -> Iterator[StatusServer]:
    found = StatusServer("127.0.0.1", 0, PAGES, patience=0.5)
    yield found
    found.close()


def port(server: StatusServer) -> int:
    return int(server.server_address[1])


def ask(server: StatusServer, path: str, method: str = "GET") -> tuple[int, str, bytes]:
    """Status, all headers, body."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port(server), 20)) as client:
        client.request(method, path, headers={"Accept": "text/plain"})
        found = client.getresponse()
        return found.status, str(found.headers), found.read()


def test_a_page_is_told_what_the_client_accepts(server: StatusServer) -> None:
    assert ask(server, "/good?x=1")[::2] == (200, b"wants text/plain")
    assert ask(server, "/bad")[::2] == (503, b"draining\n")


def test_head_is_the_same_without_a_body(server: StatusServer) -> None:
    status, headers, body = ask(server, "/good", "HEAD")
    assert (status, body) == (200, b"")
    assert "Content-Length: 16" in headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 404), ("GET", "/metrics/../etc", 404), ("POST", "/good", 501)],
)
def test_what_is_not_there_is_said_in_a_word(
    server: StatusServer, method: str, path: str, status: int
) -> None:
    found, headers, body = ask(server, path, method)
    assert found == status
    assert len(body.splitlines()) == 1
    assert "Python" not in headers


def test_a_defect_is_told_without_what_it_had_in_hand(
    server: StatusServer, caplog: pytest.LogCaptureFixture
) -> None:
    status, _, body = ask(server, "/broken")
    assert status == 500
    assert b"ann" not in body
    assert "/broken could not be answered: ValueError" in caplog.text
    assert "ann" not in caplog.text


def test_clients_that_say_nothing_cannot_keep_others_out_for_long(server: StatusServer) -> None:
    with contextlib.ExitStack() as silent:
        for _ in range(40):
            silent.enter_context(socket.create_connection(("127.0.0.1", port(server))))
        deadline = time.monotonic() + 60
        while True:
            assert time.monotonic() < deadline
            with contextlib.suppress(OSError, http.client.HTTPException):
                if ask(server, "/good")[0] == 200:
                    return


def test_a_taken_port_is_an_error_in_words(server: StatusServer) -> None:
    with pytest.raises(StatusServerError, match=r"cannot answer /metrics at 127\.0\.0\.1:\d+ \(A"):
        StatusServer("127.0.0.1", port(server), PAGES)


def test_an_address_of_another_machine_is_an_error_in_words() -> None:
    with pytest.raises(StatusServerError, match=r"metrics\.host"):
        StatusServer("192.0.2.1", 0, PAGES)


def test_an_address_of_the_newer_kind_is_listened_on_and_named_as_such() -> None:
    server = StatusServer("::1", 0, PAGES)
    try:
        assert server.url == f"http://[::1]:{port(server)}"
    finally:
        server.close()
