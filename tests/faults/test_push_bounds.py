"""How much waits for a push provider, how long, and what is never sent."""

import signal
from datetime import datetime

from tests import http_server
from tests.faults.push_place import Mended, PushPlace, Serve, until
from tests.flow_process import FlowProcess
from tests.http_server import Received, answer, free_port

_PENDING = """
SELECT count(*) FROM push_decisions d
ANTI JOIN push_deliveries o USING (kafka_topic, kafka_partition, kafka_offset, user_id)
WHERE d.decision = 'sent'
"""
"""As the manual has it."""
_SETTLED = """
SELECT count(*) FROM push_decisions d
LEFT JOIN push_deliveries o USING (kafka_topic, kafka_partition, kafka_offset, user_id)
WHERE d.decision <> 'sent' OR o.outcome IS NOT NULL
"""


def test_no_more_than_max_pending_wait_and_the_others_end_as_overflow(
    place: PushPlace, serve: Serve
) -> None:
    server = serve(http_server.never_answer)
    place = place.pushing_to(server.url).told(CHAT_PUSH__MAX_PENDING="40")
    sent = place.send(2000)

    with place.running() as flow:
        until(lambda: len(place.decided()) == 2000 and len(place.outcomes()) == 1960, flow)

    outcomes = place.outcomes()
    assert {tuple(rows) for rows in outcomes.values()} == {
        (("overflow", "too many requests were waiting", 0),)
    }
    assert place.rows(_PENDING) == [(40,)]
    waiting = sent - set(outcomes)
    assert {received.json["message_id"] for received in server.received} <= waiting


def test_what_grew_too_old_during_an_outage_expires_and_is_never_sent(
    place: PushPlace, serve: Serve
) -> None:
    reply = Mended(answer(503))
    server = serve(reply)
    place = place.pushing_to(server.url).told(CHAT_PUSH__MAX_AGE="4")
    place.send(1, "before the flow")

    with place.running() as flow:
        flow.until_stored(1)
        place.send(50, "old")
        until(lambda: place.rows(_SETTLED) == [(51,)], flow)
        assert {row[0][0] for row in place.outcomes().values()} == {"expired"}
        before = len(server.received)
        reply.mend()
        fresh = deliver_one(place, flow)

    attempted = {r.json["message_id"] for r in server.received[before:]}
    assert attempted <= fresh
    assert [late(received) for received in server.received] == [False] * len(server.received)


def deliver_one(place: PushPlace, flow: FlowProcess) -> set[str]:
    """Send messages until one of them is delivered; all that were sent."""
    fresh: set[str] = set()

    def delivered() -> bool:
        fresh.update(place.send(1, f"fresh-{len(fresh)}"))
        return any(row[0][0] == "delivered" for row in place.outcomes().values())

    until(delivered, flow)
    return fresh


def late(received: Received) -> bool:
    """Whether the request was made when its notification had expired."""
    expires = datetime.fromisoformat(received.json["expires_at"]).timestamp()
    return int(received.headers["webhook-timestamp"]) >= expires


def test_what_grew_too_old_while_the_flow_was_down_expires_and_is_never_sent(
    place: PushPlace, serve: Serve
) -> None:
    sent = place.send(50)
    dead = place.pushing_to(f"http://127.0.0.1:{free_port()}/push")
    with dead.running() as flow:
        until(lambda: len(place.decided()) == 50, flow)
        flow.send_signal(signal.SIGKILL)
        flow.wait()
    server = serve(answer(200))

    with place.pushing_to(server.url).told(CHAT_PUSH__MAX_AGE="1ms").running() as flow:
        until(lambda: len(place.outcomes()) == 50, flow)

    assert place.outcomes() == {
        name: [("expired", "it was too old when its turn came", 0)] for name in sent
    }
    assert server.received == []


def test_a_redirect_is_an_outcome_in_words_and_its_target_is_never_asked(
    place: PushPlace, serve: Serve
) -> None:
    target = serve(answer(200))
    server = serve(answer(307, {"Location": target.url}))
    sent = place.send(3)

    with place.pushing_to(server.url).running() as flow:
        until(lambda: len(place.outcomes()) == 3, flow)

    words = "HTTP 307 Temporary Redirect: redirects are not followed, set the URL they lead to"
    assert place.outcomes() == {name: [("rejected", words, 1)] for name in sent}
    assert target.received == []
