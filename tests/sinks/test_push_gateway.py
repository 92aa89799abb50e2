"""What the gateway does with requests, one by one."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from schemas.push import Outcome, PushDelivery, PushRequest
from tests.http_server import answer, answer_when, never_answer
from tests.sinks.push_bench import PushBench
from tests.sinks.push_samples import START, push, pushes


@pytest.fixture
def bench() -> Iterator[PushBench]:
    with PushBench() as bench:
        yield bench


def test_a_request_is_delivered_and_its_outcome_reported_once(bench: PushBench) -> None:
    gateway = bench.start(bench.serve(answer(200)).url)
    gateway.submit([push(1)])
    assert bench.outcomes.wait_for(1) == [
        PushDelivery(push(1), "webhook", Outcome.DELIVERED, "", attempts=1, at=START)
    ]
    bench.until_settled(gateway)


def test_what_has_no_reported_outcome_is_pending(bench: PushBench) -> None:
    """So who waits until nothing is pending has every outcome."""
    pending: list[int] = []
    gateway = bench.start(bench.serve(answer(200)).url)
    bench.outcomes.when_told = lambda: pending.append(gateway.pending)
    gateway.submit([push(1)])
    bench.outcomes.wait_for(1)
    assert pending == [1]


def test_a_failed_attempt_is_repeated_with_the_same_key_and_counted(bench: PushBench) -> None:
    server = bench.serve(answer(500), answer(503), answer(200))
    bench.start(server.url).submit([push(1)])
    [delivery] = bench.outcomes.wait_for(1)
    assert (delivery.outcome, delivery.attempts) == (Outcome.DELIVERED, 3)
    assert len({r.headers["webhook-id"] for r in server.received}) == 1


@pytest.mark.parametrize("status", [404, 410], ids=str)
def test_a_refused_request_is_not_repeated(bench: PushBench, status: int) -> None:
    server = bench.serve(answer(status), answer(200))
    bench.start(server.url).submit([push(1), push(2)])
    refused = [d for d in bench.outcomes.wait_for(2) if d.outcome is Outcome.REJECTED]
    assert [(d.attempts, d.detail[:8]) for d in refused] == [(1, f"HTTP {status}")]
    assert len(server.received) == 2


def test_a_request_submitted_twice_is_sent_once(bench: PushBench) -> None:
    server = bench.serve(answer(200))
    gateway = bench.start(server.url)
    gateway.submit([push(1), push(1)])
    bench.outcomes.wait_for(1)
    gateway.submit([push(1), push(2)])
    assert len(bench.outcomes.wait_for(2)) == 2
    assert len(server.received) == 2


def test_a_provider_that_asks_for_a_pause_gets_the_request_again(bench: PushBench) -> None:
    server = bench.serve(answer(429, {"Retry-After": "0"}), answer(200))
    bench.start(server.url).submit([push(1)])
    [delivery] = bench.outcomes.wait_for(1)
    assert (delivery.outcome, delivery.attempts) == (Outcome.DELIVERED, 2)


def test_no_more_attempts_than_allowed_are_under_way(bench: PushBench) -> None:
    gate = threading.Event()
    server = bench.serve(answer_when(gate))
    bench.start(server.url, concurrency=3).submit(pushes(20))
    server.wait_for(3)
    gate.set()
    bench.outcomes.wait_for(20)
    assert server.most_in_flight == 3


def test_urgent_requests_overtake_those_that_wait(bench: PushBench) -> None:
    gate = threading.Event()
    server = bench.serve(answer_when(gate), answer(200))
    gateway = bench.start(server.url, concurrency=1)
    gateway.submit([push(1)])
    server.wait_for(1)
    gateway.submit([push(2), push(3, urgent=True)])
    gate.set()
    bench.outcomes.wait_for(3)
    assert [r.json["message_id"] for r in server.received] == ["msg_1", "msg_3", "msg_2"]


def test_a_drain_waits_for_attempts_under_way_and_leaves_the_rest_pending(bench: PushBench) -> None:
    gate = threading.Event()
    server = bench.serve(answer_when(gate), answer_when(gate), never_answer)
    gateway = bench.start(server.url, concurrency=2)
    gateway.submit(pushes(5))
    server.wait_for(2)
    threading.Timer(0.1, gate.set).start()
    gateway.drain(timedelta(seconds=5))
    assert [d.outcome for d in bench.outcomes.so_far()] == [Outcome.DELIVERED] * 2
    assert gateway.pending == 3


def test_a_drain_gives_up_on_a_provider_that_never_answers(bench: PushBench) -> None:
    server = bench.serve(never_answer)
    gateway = bench.start(server.url)
    gateway.submit([push(1)])
    server.wait_for(1)
    gateway.drain(timedelta(milliseconds=10))
    gateway.submit([push(2)])
    assert bench.outcomes.so_far() == []


class _Defect:
    name = "defect"

    async def send(self, request: PushRequest) -> None:
        raise KeyError(request.user_id)

    async def aclose(self) -> None:
        pass


def test_a_defect_in_a_provider_ends_the_request_and_not_the_gateway(
    bench: PushBench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.start(_Defect()).submit([push(1), push(2)])
    assert [d.detail for d in bench.outcomes.wait_for(2)] == ["internal error: KeyError"] * 2
    assert "ann" not in caplog.text
