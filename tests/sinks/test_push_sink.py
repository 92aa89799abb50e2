"""The end of the dataflow: from an item of the flow to a request at the provider."""

import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.testing import TestingSource, cluster_main, run_main

from schemas.push import PushRequest
from sinks.providers import LogProvider
from sinks.push_gateway import PushGateway
from sinks.push_sink import PushSink
from tests.http_server import answer, free_port
from tests.sinks.push_bench import PushBench
from tests.sinks.push_samples import ids, push, pushes

Item = tuple[str, Sequence[PushRequest]]


@pytest.fixture
def bench() -> Iterator[PushBench]:
    with PushBench() as bench:
        yield bench


@pytest.fixture
def recovery(tmp_path: Path) -> RecoveryConfig:
    init_db_dir(tmp_path, 1)
    return RecoveryConfig(str(tmp_path))


def flow(
    gateway: PushGateway, items: Iterable[Item], pending: Sequence[PushRequest] = ()
) -> Dataflow:
    flow = Dataflow("pushes")
    stream = op.input("requests", flow, TestingSource(items))
    op.output("push", stream, PushSink(lambda: gateway, lambda: pending))
    return flow


def until_delivered(bench: PushBench, items: Iterable[Item], count: int) -> Iterator[Item]:
    """The items, and then an end of input that waits for so many outcomes."""
    yield from items
    bench.outcomes.wait_for(count)


def undelivered(bench: PushBench, requests: Sequence[PushRequest]) -> list[PushRequest]:
    """What a database would give as pending: requests without an outcome."""
    done = ids([delivery.request for delivery in bench.outcomes.so_far()])
    return [request for request in requests if request.message_id not in done]


def test_requests_of_a_flow_reach_the_provider(bench: PushBench) -> None:
    server = bench.serve(answer(200))
    items = until_delivered(bench, [("a", pushes(2)), ("b", [push(7)])], count=3)
    run_main(flow(bench.gateway(server.url), items))
    assert sorted(r.json["message_id"] for r in server.received) == ["msg_0", "msg_1", "msg_7"]


def test_the_end_of_a_flow_ends_the_gateway(bench: PushBench) -> None:
    run_main(flow(bench.gateway(LogProvider()), [("a", [push(1)])]))
    assert "push-gateway" not in [thread.name for thread in threading.enumerate()]


def test_an_outage_neither_stops_the_flow_nor_loses_a_push(
    bench: PushBench, recovery: RecoveryConfig
) -> None:
    items = [("a", pushes(5))]
    dead = bench.gateway(f"http://127.0.0.1:{free_port()}/push")
    run_main(flow(dead, items), recovery_config=recovery)
    server = bench.serve(answer(200))
    pending = undelivered(bench, pushes(5))
    resumed = until_delivered(bench, [*items, ("a", [])], count=5)
    run_main(flow(bench.gateway(server.url), resumed, pending), recovery_config=recovery)
    assert sorted(r.json["message_id"] for r in server.received) == ids(pushes(5))


def test_pending_requests_go_out_with_the_first_batch_even_if_it_is_empty(
    bench: PushBench,
) -> None:
    server = bench.serve(answer(200))
    items = until_delivered(bench, [("a", [])], count=3)
    run_main(flow(bench.gateway(server.url), items, pushes(3)))
    assert sorted(r.json["message_id"] for r in server.received) == ids(pushes(3))


def test_a_replayed_request_that_is_also_pending_is_sent_once(bench: PushBench) -> None:
    server = bench.serve(answer(200))
    items = until_delivered(bench, [("a", pushes(3))], count=3)
    run_main(flow(bench.gateway(server.url), items, pushes(3)))
    assert len(server.received) == 3


def test_several_workers_share_one_gateway(bench: PushBench) -> None:
    server = bench.serve(answer(200))
    items = until_delivered(bench, [(str(n), [push(n)]) for n in range(9)], count=9)
    cluster_main(flow(bench.gateway(server.url), items), [], 0, worker_count_per_proc=2)
    assert len(server.received) == 9


def test_the_log_provider_writes_one_line_with_ids_alone(
    bench: PushBench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="sinks.providers")
    run_main(
        flow(bench.gateway(LogProvider()), until_delivered(bench, [("a", [push(1)])], count=1))
    )
    assert caplog.messages == ["push message_id='msg_1' user_id='ann' event_type='message'"]
