"""Which servers write the records, by the form they have."""

from collections import Counter
from collections.abc import Iterator

from inspection.evidence import Evidence
from inspection.finding import Finding, note, ok, problem
from inspection.forms import NO_ENVELOPE, OBJECT
from inspection.words import counted, many

_CHECK = "wire"


def check(evidence: Evidence) -> Iterator[Finding]:
    """Generations of servers, forms that only come close, topics that stay empty."""
    yield from _empty(evidence)
    yield from _generations(evidence)
    yield from _oddities(evidence)
    yield from _sender_as_user(evidence)


def _empty(evidence: Evidence) -> Iterator[Finding]:
    topics = evidence.sample.topics
    meaning = {
        topics.chat_messages: "no direct message is stored, counted or pushed",
        topics.user_events: "everybody counts as offline, and every message is pushed",
        topics.group_messages: "no message to a group is stored, counted or pushed; some servers"
        " never publish them",
    }
    empty = [name for name in topics.names if not any(p.records for p in evidence.sample.of(name))]
    if not evidence.sample.partitions:
        return  # that the topics are missing is told already
    if len(empty) == len(topics.names):
        yield problem(
            _CHECK,
            "no topic has a record in the span that was asked for",
            "There is nothing to examine.",
            "Let the chat server publish, look further back with --from-beginning, or correct"
            " kafka.topics.",
        )
        return
    for name in empty:
        yield note(
            _CHECK,
            f"{name} has no record in the span that was asked for",
            f"If that is always so, {meaning[name]}.",
            "See that the server publishes to it, or correct kafka.topics.",
        )


def _generations(evidence: Evidence) -> Iterator[Finding]:
    ways = Counter(_way(it.form.payload, it.form.worker_in) for it, _ in evidence.sample.messages)
    if not ways:
        return
    seen = f"messages are written as {counted(ways)}"
    if len(ways) == 1:
        yield ok(_CHECK, seen, "One generation of server, and the flow reads it.")
    else:
        yield note(
            _CHECK,
            seen,
            "Several generations of servers, or other clients, publish side by side. The flow"
            " reads all of these forms.",
        )


def _way(payload: str, worker_in: str) -> str:
    if payload == NO_ENVELOPE:
        return payload
    return f"{payload}, {'with' if worker_in else 'without'} the worker"


def _oddities(evidence: Evidence) -> Iterator[Finding]:
    readable = [it.form for it in evidence.sample.records if it.event is not None]
    odd = Counter(oddity for form in readable for oddity in form.oddities)
    if odd:
        yield note(
            _CHECK,
            f"forms that only come close: {counted(odd)}",
            "The flow reads them. An event without a timestamp counts as created when it was"
            " recorded.",
            "Nothing has to change; whoever writes another reader should know of them.",
        )


def _sender_as_user(evidence: Evidence) -> Iterator[Finding]:
    direct = [(it, m) for it, m in evidence.sample.direct if it.form.user_id and m.from_user]
    named = [it for it, message in direct if it.form.user_id == message.from_user]
    with_recipient = sum(1 for _, message in direct if message.to_user)
    if named:
        how = OBJECT if all(it.form.payload == OBJECT for it in named) else "different payloads"
        yield note(
            _CHECK,
            f"user_id is the sender, not the recipient, in {many(len(named), 'direct message')}"
            f" ({how}); {with_recipient:,} of {len(direct):,} name a recipient in the payload",
            "Sender and recipient are taken from the payload, so this changes nothing.",
        )
