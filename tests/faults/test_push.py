"""The push provider fails in every way; the flow goes on, and no push is lost or sent too late."""

import signal
import threading

import pytest

from tests import http_server
from tests.faults.push_place import Mended, PushPlace, Serve, keys_by_message, until
from tests.http_server import Reply, answer, free_port

_BACKLOG = 300
_LATER = 50


FAULTS: dict[str, Reply] = {
    "never answers": http_server.never_answer,
    "429 with Retry-After": answer(429, {"Retry-After": "1"}),
    "500s": answer(500),
    "resets after receiving": http_server.reset,
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_provider_at_fault_holds_up_nothing_and_gets_everything_when_it_is_back(
    place: PushPlace, serve: Serve, fault: Reply
) -> None:
    reply = Mended(fault)
    server = serve(reply)
    place = place.pushing_to(server.url).told(CHAT_PUSH__WEBHOOK__TIMEOUT="1")
    sent = place.send(_BACKLOG)

    with place.running() as flow:
        until(lambda: len(place.decided()) == _BACKLOG, flow)
        server.wait_for(1)
        sent |= place.send(_LATER, "later")
        until(lambda: len(place.decided()) == _BACKLOG + _LATER, flow)
        assert place.outcomes() == {}
        reply.mend()
        until(lambda: len(place.outcomes()) == len(sent), flow)

    check_delivered_once(place, sent)
    assert {name: len(keys) for name, keys in keys_by_message(server).items()} == dict.fromkeys(
        sent, 1
    )


def check_delivered_once(place: PushPlace, sent: set[str]) -> None:
    """Each message has one decision and one outcome: delivered."""
    assert sorted(place.decided()) == sorted(sent)
    outcomes = place.outcomes()
    assert set(outcomes) == sent
    assert {outcome for rows in outcomes.values() for outcome, _, _ in rows} == {"delivered"}
    assert {len(rows) for rows in outcomes.values()} == {1}


def test_a_slow_provider_holds_its_requests_while_all_messages_are_stored(
    place: PushPlace, serve: Serve
) -> None:
    gate = threading.Event()
    server = serve(http_server.answer_when(gate))
    place = place.pushing_to(server.url).told(CHAT_PUSH__WEBHOOK__CONCURRENCY="4")
    sent = place.send(_BACKLOG)

    with place.running() as flow:
        assert flow.until_stored(_BACKLOG) == _BACKLOG
        until(lambda: len(place.decided()) == _BACKLOG, flow)
        server.wait_for(4)
        assert (server.in_flight, place.outcomes()) == (4, {})
        gate.set()
        until(lambda: len(place.outcomes()) == _BACKLOG, flow)

    check_delivered_once(place, sent)
    assert len(server.received) == _BACKLOG


def test_a_provider_that_nobody_can_reach_gets_everything_once_it_listens(
    place: PushPlace, serve: Serve
) -> None:
    port = free_port()
    place = place.pushing_to(f"http://127.0.0.1:{port}/push")
    sent = place.send(_BACKLOG)

    with place.running() as flow:
        until(lambda: len(place.decided()) == _BACKLOG, flow)
        assert place.outcomes() == {}
        server = serve(answer(200), port)
        until(lambda: len(place.outcomes()) == _BACKLOG, flow)

    check_delivered_once(place, sent)
    assert len(server.received) == _BACKLOG


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL], ids=["drained", "killed"])
def test_what_a_silent_provider_holds_goes_out_after_a_restart_under_the_same_keys(
    place: PushPlace, serve: Serve, end: signal.Signals
) -> None:
    silent = serve(http_server.never_answer)
    place = place.told(CHAT_PUSH__WEBHOOK__TIMEOUT="1")
    sent = place.send(_BACKLOG)
    with place.pushing_to(silent.url).running() as flow:
        until(lambda: len(place.decided()) == _BACKLOG, flow)
        silent.wait_for(16)
        flow.send_signal(end)
        assert flow.wait().status == (0 if end is signal.SIGTERM else -end)
    assert place.outcomes() == {}

    healthy = serve(answer(200))
    with place.pushing_to(healthy.url).running() as flow:
        until(lambda: len(place.outcomes()) == _BACKLOG, flow)

    check_delivered_once(place, sent)
    keys = keys_by_message(healthy)
    assert len(healthy.received) == len(keys) == _BACKLOG
    assert keys_by_message(silent).items() <= keys.items()
