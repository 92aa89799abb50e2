"""What crosses from one process to another is the same there, but for what nobody looks at."""

import pickle

import msgspec

from dataflows.gather import Parcel
from dataflows.timeline import EventBatch
from dataflows.windows import weight
from schemas.events import ChatMessage, MessageBatch, Progress, UserEventBatch
from tests.builders import CHAT, USERS, message, offline, online, user_event

_PROGRESS = Progress(CHAT, 17, 5000, 30, ended=True)


def crossed(batch: EventBatch) -> EventBatch:
    """As the engine hands it over in another process."""
    found: Parcel = pickle.loads(pickle.dumps(Parcel(2, batch)))
    assert found.process == 2
    return found.batch


def test_user_events_cross_whole() -> None:
    events = [
        online("ann", 1, session="s", worker=3),
        offline("bob", 2),
        user_event("group_join", "cid", 3, group="crew"),
    ]
    batch = UserEventBatch(Progress(USERS, 4, None), events)

    assert crossed(batch) == batch


def test_an_empty_batch_crosses_for_its_progress() -> None:
    for batch in (MessageBatch(_PROGRESS, []), UserEventBatch(_PROGRESS, [])):
        assert crossed(batch) == batch


def test_a_message_crosses_without_its_content_and_weighs_the_same() -> None:
    sent = [
        message("ann", "bob", 1, text="早 secret", file_size=7),
        message("ann", group="crew", at=2, text="another secret"),
    ]

    data = pickle.dumps(Parcel(1, MessageBatch(_PROGRESS, sent)))
    found = pickle.loads(data).batch

    assert b"secret" not in data
    assert found.progress == _PROGRESS
    assert list(map(weight, found.events)) == list(map(weight, sent))
    assert [without_content(event) for event in found.events] == [
        without_content(event) for event in sent
    ]


def test_a_call_crosses_with_what_rings() -> None:
    batch = MessageBatch(_PROGRESS, [message("ann", "bob", 1, text="call-invite", content_type=6)])

    assert crossed(batch) == batch


def test_the_name_of_a_file_stays_behind() -> None:
    sent = msgspec.structs.replace(message("ann", "bob", 1, file_size=7), file_name="a name")

    (found,) = crossed(MessageBatch(_PROGRESS, [sent])).events

    assert isinstance(found, ChatMessage)
    assert (found.file_name, weight(found)) == (None, weight(sent))


def without_content(event: object) -> dict[str, object]:
    fields = getattr(event, "__struct_fields__", ())
    return {n: getattr(event, n) for n in fields if n not in ("content", "file_size")}
