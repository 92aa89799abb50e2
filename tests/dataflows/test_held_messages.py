"""Messages that wait for the end of a grace, over stops: what the store has of them meanwhile."""

import msgspec
import pytest

from schemas.events import ChatMessage, TopicPartition
from schemas.rows import Rows
from schemas.tables import FLOW_STATE
from tests.builders import CHAT, USERS, instant, message, offline, online
from tests.flow_runs import Flow, differences
from tests.places import Place
from tests.sinks.stores import run
from tests.wire import batches, records

pytestmark = pytest.mark.usefixtures("each_join")

STORY = {
    # Bob is back within the ten seconds of grace, and then gone for good; Cid lets time pass.
    USERS: records(
        [
            *(online("bob", 0), offline("bob", 20), online("cid", 26), online("cid", 28)),
            *(online("bob", 29), offline("bob", 31), online("cid", 36), online("cid", 60)),
        ]
    ),
    CHAT: records([message("ann", "bob", at) for at in (21, 22, 25, 26, 28, 33, 36, 60)]),
}


@pytest.fixture
def flow(place: Place) -> Flow:
    return Flow(place)


def go_on(flow: Flow, until: float) -> dict[str, bytes]:
    """Read what was recorded until then, and stop; what the store has then of what is held."""
    so_far = {
        source: [record for record in log if record.recorded_at <= instant(until)]
        for source, log in STORY.items()
    }
    flow.run(batches(so_far, starts=flow.starts, ended=False))
    return held(flow)


def held(flow: Flow) -> dict[str, bytes]:
    memory, _ = flow.place.open()
    return dict(memory.states("presence.held"))


def finish(flow: Flow) -> None:
    """Read to the end; everything must be as in one run, and nothing is held any more."""
    flow.run(batches(STORY, starts=flow.starts))
    once = Flow()
    once.run(batches(STORY))
    assert not differences(flow.tables, once.tables)
    assert not held(flow)


def test_what_is_held_at_a_stop_is_decided_after_the_next_start(flow: Flow) -> None:
    assert go_on(flow, 26)
    finish(flow)


def test_what_is_held_is_written_once(flow: Flow) -> None:
    first = go_on(flow, 26)
    second = go_on(flow, 28)
    assert first.items() < second.items()


def test_what_is_held_is_gone_with_its_grace(flow: Flow) -> None:
    first = go_on(flow, 28)
    second = go_on(flow, 36)
    assert first
    assert second
    assert not first.keys() & second.keys()
    finish(flow)


def test_what_the_first_release_left_with_the_user_is_decided_too(flow: Flow) -> None:
    waiting = go_on(flow, 26)
    _as_the_first_release_left_it(flow, waiting)

    assert not held(flow)
    assert go_on(flow, 28)
    finish(flow)


def _as_the_first_release_left_it(flow: Flow, waiting: dict[str, bytes]) -> None:
    memory, _ = flow.place.open()
    person, _ = msgspec.msgpack.decode(dict(memory.states("presence.users"))["bob"])
    decode = msgspec.msgpack.Decoder(list[tuple[TopicPartition, ChatMessage]]).decode
    messages = [each for state in waiting.values() for each in decode(state)]
    rows = [("presence.users", "bob", msgspec.msgpack.encode((person, messages)))]
    gone = [("presence.held", key, None) for key in waiting]
    run(flow.place, [Rows.of(FLOW_STATE, [*rows, *gone])])
