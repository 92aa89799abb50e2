"""What the gateway does with requests while the provider is away or asks to be left alone."""

import threading
from collections.abc import Iterator

import pytest

from schemas.push import Outcome, PushRequest
from sinks.providers import Unavailable
from tests.http_server import answer, free_port
from tests.sinks.push_bench import PushBench
from tests.sinks.push_samples import START, outcomes_of, push, pushes


@pytest.fixture
def bench() -> Iterator[PushBench]:
    with PushBench() as bench:
        yield bench


def test_a_provider_that_comes_up_late_gets_everything(bench: PushBench) -> None:
    port = free_port()
    gateway = bench.start(f"http://127.0.0.1:{port}/push")
    gateway.submit(pushes(20))
    server = bench.serve(answer(200), port=port)
    assert outcomes_of(bench.outcomes.wait_for(20)) == {Outcome.DELIVERED}
    assert len({r.headers["webhook-id"] for r in server.received}) == 20


def test_ten_thousand_requests_to_a_dead_provider_wait_within_bounds_and_expire(
    bench: PushBench,
) -> None:
    gateway = bench.start(f"http://127.0.0.1:{free_port()}/push", max_pending=8_000)
    gateway.submit(pushes(10_000))
    assert gateway.pending == 8_000
    assert outcomes_of(bench.outcomes.so_far()) == {Outcome.OVERFLOW}
    bench.clock.now = START + 60_000
    deliveries = bench.outcomes.wait_for(10_000)
    assert len([d for d in deliveries if d.outcome is Outcome.EXPIRED]) == 8_000
    bench.until_settled(gateway)


def test_a_dead_provider_is_asked_by_a_few_and_not_by_all_that_wait(bench: PushBench) -> None:
    server = bench.serve(answer(503, {"Retry-After": "3600"}))
    bench.start(server.url, max_pending=5_000, concurrency=4).submit(pushes(5_000))
    server.wait_for(1)
    bench.clock.now = START + 60_000
    bench.outcomes.wait_for(5_000)
    assert len(server.received) <= 4


def test_an_expired_request_is_never_sent(bench: PushBench) -> None:
    server = bench.serve(answer(200))
    gateway = bench.start(server.url)
    gateway.submit([push(1)])
    bench.outcomes.wait_for(1)
    gateway.submit([push(2, expires_in=0)])
    assert bench.outcomes.wait_for(2)[1].outcome is Outcome.EXPIRED
    assert len(server.received) == 1


def test_an_expired_request_says_why_it_was_late(
    bench: PushBench, caplog: pytest.LogCaptureFixture
) -> None:
    server = bench.serve(answer(429, {"Retry-After": "600"}))
    bench.start(server.url).submit([push(1)])
    server.wait_for(1)
    bench.clock.now = START + 60_000
    [delivery] = bench.outcomes.wait_for(1)
    assert (delivery.outcome, delivery.attempts) == (Outcome.EXPIRED, 1)
    assert delivery.detail == "HTTP 429 Too Many Requests"
    assert "waiting: 1, next attempt in 600.0 s" in caplog.text


class _NamingFailures:
    name = "naming"

    def __init__(self) -> None:
        self.attempts = threading.Semaphore(0)

    async def send(self, request: PushRequest) -> None:
        self.attempts.release()
        raise Unavailable(f"no way for {request.message_id}")

    async def aclose(self) -> None:
        pass


def test_each_expired_request_names_its_own_failure(bench: PushBench) -> None:
    provider = _NamingFailures()
    gateway = bench.gateway(provider, concurrency=2)
    gateway.submit([push(1), push(2)])
    gateway.start()
    assert all(provider.attempts.acquire(timeout=10) for _ in range(2))
    bench.clock.now = START + 60_000
    assert {d.detail for d in bench.outcomes.wait_for(2)} == {
        "no way for msg_1",
        "no way for msg_2",
    }
