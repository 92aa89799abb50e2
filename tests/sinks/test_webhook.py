"""What goes over the wire, and what each way of answering or failing means."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import aclosing
from datetime import timedelta

import msgspec
import pytest

from schemas.push import PushRequest
from sinks.providers import Rejected, Unavailable
from sinks.webhook import WebhookProvider, seconds_until_retry
from tests import http_server as server
from tests.http_server import PushServer, answer, free_port
from tests.sinks.push_bench import SECRET, PushBench
from tests.sinks.push_samples import START, push

NOW = START / 1000


@pytest.fixture
def bench() -> Iterator[PushBench]:
    with PushBench() as bench:
        yield bench


def send(url: str, *requests: PushRequest, timeout: float = 10.0) -> None:
    async def send_all() -> None:
        provider = WebhookProvider(url, SECRET, timedelta(seconds=timeout), now=lambda: NOW)
        async with aclosing(provider):
            for request in requests or [push(1)]:
                await provider.send(request)

    asyncio.run(send_all())


def sent(to: PushServer, request: PushRequest) -> server.Received:
    send(to.url, request)
    return to.received[0]


def test_the_body_is_the_documented_object(bench: PushBench) -> None:
    request = msgspec.structs.replace(push(1), group_id="crew", urgent=True)
    assert sent(bench.serve(answer(204)), request).json == {
        "idempotency_key": request.idempotency_key,
        "message_id": "msg_1",
        "user_id": "ann",
        "conversation_id": "ann|bob",
        "event_type": "message",
        "content_type": 1,
        "from_user": "bob",
        "group_id": "crew",
        "created_at": "2025-08-24T01:46:39.500Z",
        "expires_at": "2025-08-24T01:47:40.000Z",
        "devices": ["device-token"],
        "urgent": True,
    }


def test_headers_carry_key_time_and_type(bench: PushBench) -> None:
    headers = sent(bench.serve(answer(200)), push(1)).headers
    key = push(1).idempotency_key
    assert (headers["idempotency-key"], headers["webhook-id"]) == (key, key)
    assert headers["webhook-timestamp"] == "1756000000"
    assert headers["content-type"] == "application/json"


def test_a_message_id_that_would_break_a_header_is_sent(bench: PushBench) -> None:
    hostile = msgspec.structs.replace(push(1), message_id="a.1.\r\nX-Evil: 1\0\u2028é")
    received = sent(bench.serve(answer(200)), hostile)
    assert received.json["message_id"] == hostile.message_id
    assert "x-evil" not in received.headers


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (301, "HTTP 301 Moved Permanently: redirects are not followed, set the URL they lead to"),
        (400, "HTTP 400 Bad Request"),
        (404, "HTTP 404 Not Found"),
        (410, "HTTP 410 Gone"),
        (499, "HTTP 499"),
    ],
    ids=str,
)
def test_a_permanent_refusal_is_told_in_words(bench: PushBench, status: int, words: str) -> None:
    to = bench.serve(answer(status, {"Location": "/elsewhere"}), answer(200))
    with pytest.raises(Rejected) as refusal:
        send(to.url)
    assert refusal.value.detail == words
    assert len(to.received) == 1


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599], ids=str)
def test_a_temporary_refusal_carries_the_wait_that_was_asked_for(
    bench: PushBench, status: int
) -> None:
    to = bench.serve(answer(status, {"Retry-After": "7"}))
    with pytest.raises(Unavailable, match=f"HTTP {status}") as refusal:
        send(to.url)
    assert refusal.value.retry_after == 7.0


def test_a_date_to_retry_after_is_a_wait_from_now(bench: PushBench) -> None:
    to = bench.serve(answer(503, {"Retry-After": "Sun, 24 Aug 2025 01:48:40 GMT"}))
    with pytest.raises(Unavailable) as refusal:
        send(to.url)
    assert refusal.value.retry_after == 120.0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        pytest.param(None, None, id="missing"),
        pytest.param("0", 0.0, id="at once"),
        pytest.param("Sun, 24 Aug 2025 01:46:30 GMT", 0.0, id="in the past"),
        pytest.param("Sun, 24 Aug 2025 01:46:50 -0000", 10.0, id="without a zone"),
        pytest.param("soon", None, id="no date"),
        pytest.param("-5", None, id="negative"),
        pytest.param("9" * 5000, None, id="absurd"),
        pytest.param("Sun, 24 Aug 99999999 01:46:50 GMT", None, id="year out of range"),
    ],
)
def test_retry_after_is_read_or_ignored(header: str | None, seconds: float | None) -> None:
    assert seconds_until_retry(header, NOW) == seconds


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        pytest.param(server.never_answer, "no answer within 0.3 s", id="never answers"),
        pytest.param(server.close_within_headers, "connection lost", id="closes within headers"),
        pytest.param(server.speak_another_protocol, "connection lost", id="is no HTTP server"),
        pytest.param(server.reset, "connection lost: ReadError", id="resets after receiving"),
    ],
)
def test_a_failure_of_the_connection_is_temporary(
    bench: PushBench, reply: server.Reply, words: str
) -> None:
    to = bench.serve(reply)
    with pytest.raises(Unavailable, match=words) as failure:
        send(to.url, timeout=0.3)
    assert failure.value.retry_after is None
    assert len(to.received) == 1


def test_nobody_listening_is_temporary() -> None:
    with pytest.raises(Unavailable, match="no connection"):
        send(f"http://127.0.0.1:{free_port()}/push")


@pytest.mark.parametrize("reply", [server.close_within_body, server.hang_within_body])
def test_the_status_counts_even_if_the_body_never_comes(
    bench: PushBench, reply: server.Reply
) -> None:
    to = bench.serve(reply, answer(200))
    send(to.url, push(1), push(2))
    assert len(to.received) == 2


@pytest.mark.parametrize(
    ("size", "connections"), [(0, 1), (2000, 1), (2_000_000, 2)], ids=["no", "short", "long"]
)
def test_a_body_is_read_only_if_it_is_short_and_keeps_the_connection(
    bench: PushBench, size: int, connections: int
) -> None:
    to = bench.serve(answer(200, body=b"x" * size))
    send(to.url, push(1), push(2))
    assert len({received.connection for received in to.received}) == connections


def test_neither_url_nor_secret_nor_token_is_logged(
    bench: PushBench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    to = bench.serve(answer(200))
    send(to.url)
    assert to.received[0].path.endswith("url-token")
    assert not [word for word in ("url-token", "AAECAw", "device-token") if word in caplog.text]
