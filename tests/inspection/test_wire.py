"""Generations of servers, tolerant forms, and what nobody can read."""

import base64

import pytest

from inspection.checks import decoding, wire
from inspection.finding import Severity
from inspection.forms import NO_ENVELOPE, Form, form_of
from schemas.message_pb2 import Message
from tests.builders import message, online, record, user_event
from tests.inspection.samples import (
    SETTINGS,
    evidence_of,
    findings,
    logs_of,
    simulated,
    story,
    words,
    worst,
)

PAYLOAD = Message(from_user="ann", to="bob", contentType=1).SerializeToString()
TEXT = base64.b64encode(PAYLOAD).decode()
EVENT = {"event_type": "message", "timestamp": 1_756_000_000, "user_id": "bob"}


def form(**fields: object) -> Form:
    return form_of(record({**EVENT, **fields}).value())


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        (TEXT, "protobuf in base64"),
        ({"from": "ann", "to": "bob"}, "a JSON object"),
        (base64.b64encode(b'{"from": "ann"}').decode(), "JSON in base64"),
        ('{"from": "ann"}', "JSON in a text"),
        (None, "no payload"),
    ],
)
def test_a_payload_is_told_by_its_form(payload: object, name: str) -> None:
    assert form(message_data=payload).payload == name


@pytest.mark.parametrize(
    ("timestamp", "oddities"),
    [
        (1_756_000_000, ()),
        (1_756_000_000_000, ("a timestamp in milliseconds",)),
        (1_756_000_000.5, ("a timestamp with a fraction",)),
        ("2025-08-24T01:46:40Z", ("a timestamp that is text",)),
        (None, ("no timestamp",)),
    ],
)
def test_a_timestamp_that_only_comes_close_is_told(
    timestamp: object, oddities: tuple[str, ...]
) -> None:
    assert form(message_data=TEXT, timestamp=timestamp).oddities == oddities


def test_base64_of_another_kind_is_told() -> None:
    assert form(message_data=TEXT.rstrip("=") + "_").oddities == ("odd base64",)


def test_a_record_without_an_envelope_is_told() -> None:
    assert form_of(PAYLOAD).payload == NO_ENVELOPE


def test_one_generation_of_servers_is_all_right() -> None:
    worst_of_it = worst(findings(evidence_of(story([message()], [online("ann")])), wire))
    assert worst_of_it.severity is Severity.NOTE  # the topic of groups is empty
    assert "group-messages has no record" in worst_of_it.seen


def test_several_generations_are_named_with_their_shares() -> None:
    found = words(findings(evidence_of(logs_of(simulated())), wire))
    assert "protobuf in base64, with the worker:" in found
    assert "a JSON object, without the worker:" in found
    assert "user_id is the sender, not the recipient, in" in found


def test_no_record_at_all_is_a_problem() -> None:
    assert worst(findings(evidence_of(story()), wire)).severity is Severity.PROBLEM


def test_few_dead_letters_are_a_note_and_many_a_problem() -> None:
    few = evidence_of(logs_of(simulated(poison_ratio=0.005)))
    many = evidence_of(logs_of(simulated(poison_ratio=0.7)))
    assert worst(findings(few, decoding)).severity is Severity.NOTE
    assert worst(findings(many, decoding)).severity is Severity.PROBLEM
    assert "invalid_json:" in words(findings(many, decoding))
    assert SETTINGS.dead_letters.max_ratio == 0.5


def test_event_types_that_nobody_knows_are_told() -> None:
    users = [user_event("user_idle", "ann"), user_event("user_idle", "bob"), online("ann")]
    found = words(findings(evidence_of(story(users=users)), decoding))
    assert "event types that mean nothing to the flow: 'user_idle': 2" in found


@pytest.mark.parametrize("odd", ["are you there?", "\x1b[2Jgone", "x" * 900, "é", "a\n"])
def test_event_types_that_are_no_names_are_counted_and_not_shown(odd: str) -> None:
    users = [user_event("user_idle", "ann"), user_event(odd, "ann"), user_event(odd + "!", "ann")]
    found = words(findings(evidence_of(story(users=users)), decoding))
    assert "texts that are no names: 2, 'user_idle': 1" in found
    assert odd not in found
