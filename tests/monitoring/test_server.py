"""The server for metrics and health: what it answers, and that nobody can keep it from that."""

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Iterator
from http import HTTPStatus

import pytest

from dataflows.status_server import Answer, StatusServer, StatusServerError


def fail(accept: str) -> Answer:
    raise ValueError("what ann wrote")


LONG = bytes(16 * 1024**2)
"""More than the system takes of an answer that nobody reads."""
PAGES = {
    "/good": lambda accept: Answer(HTTPStatus.OK, "text/plain", f"wants {accept}".encode()),
    "/bad": lambda accept: Answer(HTTPStatus.SERVICE_UNAVAILABLE, "text/plain", b"draining\n"),
    "/broken": fail,
    "/long": lambda accept: Answer(HTTPStatus.OK, "text/plain", LONG),
}
SLOW = ("silent", "amidst a request", "not reading")


@pytest.fixture
def server() -> Iterator[StatusServer]:
    found = StatusServer("127.0.0.1", 0, PAGES, patience=0.5)
    yield found
    found.close()


def port(server: StatusServer) -> int:
    return int(server.server_address[1])


def ask(server: StatusServer, path: str, method: str = "GET") -> tuple[int, str, bytes]:
    """Status, all headers, body."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port(server), 20)) as asking:
        asking.request(method, path, headers={"Accept": "text/plain"})
        found = asking.getresponse()
        return found.status, str(found.headers), found.read()


def client(server: StatusServer) -> socket.socket:
    """One that takes little at a time."""
    found = socket.socket()
    found.settimeout(60)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    found.connect(("127.0.0.1", port(server)))
    return found


def send_slowly(client: socket.socket) -> None:
    """For longer than anybody may stay."""
    for _ in range(2000):
        client.sendall(b"x")
        time.sleep(0.01)


def received(client: socket.socket) -> int:
    """Read to the end, and say how much came."""
    count = 0
    with contextlib.suppress(ConnectionError):
        while found := client.recv(1024**2):
            count += len(found)
    return count


def until_left() -> None:
    """Wait until no client has a thread."""
    deadline = time.monotonic() + 60
    while found := [t.name for t in threading.enumerate() if "process_request" in t.name]:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


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


@pytest.mark.parametrize("said", [b"", b"GET /go", b"GET /long HTTP/1.0\r\n\r\n"], ids=SLOW)
def test_clients_that_do_not_send_or_read_keep_nobody_out(said: bytes) -> None:
    patient = StatusServer("127.0.0.1", 0, PAGES, patience=600)
    with contextlib.ExitStack() as undo:
        undo.callback(patient.close)
        for _ in range(64):
            undo.enter_context(client(patient)).sendall(said)
        assert ask(patient, "/good")[::2] == (200, b"wants text/plain")


@pytest.mark.parametrize("said", [b"", b"GET /go"], ids=SLOW[:2])
def test_a_client_that_does_not_send_is_left_after_a_while(
    server: StatusServer, said: bytes
) -> None:
    with client(server) as slow:
        slow.sendall(said)
        assert slow.recv(1) == b""


def test_a_client_that_sends_byte_after_byte_is_left_after_a_while(server: StatusServer) -> None:
    with client(server) as slow, pytest.raises(ConnectionError):
        send_slowly(slow)


def test_a_client_that_does_not_read_is_left_after_a_while(server: StatusServer) -> None:
    with client(server) as slow:
        slow.sendall(b"GET /long HTTP/1.0\r\n\r\n")
        assert slow.recv(1) == b"H"
        until_left()
        assert received(slow) < len(LONG)


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
