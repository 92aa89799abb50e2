"""Whether sessions are closed as they are opened, and what tells one from another."""

from collections import Counter
from collections.abc import Iterator

from dataflows.event_types import CLOSING, OPENING
from dataflows.timeline import SIGNS_OF_LIFE
from inspection.evidence import Evidence
from inspection.finding import Finding, note, ok, problem, warning
from inspection.words import counted, lasting, many, share, span_of

_CHECK = "sessions"
_ENOUGH = 20
_MINUTE = 60_000
_CRASH = 5
"""Sessions of one worker left open and opened anew within a minute: it was started again."""
_HEARTBEATS = OPENING - {"user_online"}


def check(evidence: Evidence) -> Iterator[Finding]:
    """Opening and closing, names, crashes of workers, signs of life."""
    events = [event for _, event in evidence.sample.user_events]
    opened = sum(event.event_type in OPENING for event in events)
    if not opened:
        if len(evidence.sample.records) >= _ENOUGH:
            yield _nobody_comes(evidence)
        return
    yield from _closing(evidence, opened)
    yield from _restarts(evidence)
    yield from _names(evidence)
    if not any(event.event_type in SIGNS_OF_LIFE | _HEARTBEATS for event in events):
        timeout = span_of(evidence.settings.presence.session_timeout)
        yield note(
            _CHECK,
            "no heartbeat, typing or reading among the user events",
            f"Whoever sends nothing for presence.session_timeout ({timeout}) counts as offline,"
            " and gets pushes although connected.",
            "Set presence.session_timeout longer than people are silent, or have the server send"
            " heartbeats.",
        )


def _nobody_comes(evidence: Evidence) -> Finding:
    return problem(
        _CHECK,
        f"no event opens a session ({', '.join(sorted(OPENING))}) in"
        f" {many(len(evidence.sample.records), 'record')}",
        "Everybody counts as offline: every message is pushed to everybody it is for.",
        "Look further back with --from-beginning; if there are none, have the server publish"
        f" user_online to {evidence.sample.topics.user_events}.",
    )


def _closing(evidence: Evidence, opened: int) -> Iterator[Finding]:
    found, kinds = evidence.presence, Counter(e.event_type for _, e in evidence.sample.user_events)
    closed = kinds[CLOSING]
    seen = (
        f"{many(opened, 'opening event')} and {closed:,} {CLOSING} in {lasting(found.span)};"
        f" {many(len(found.unclosed), 'session')} opened while the last one on the same worker was"
        f" open, {found.expired:,} ran out"
    )
    lost = len(found.unclosed) + found.expired
    if opened >= _ENOUGH and not closed:
        yield warning(
            _CHECK,
            seen,
            "Nobody ever goes offline but by presence.session_timeout; until then they get no"
            " push.",
            f"Have the server publish {CLOSING}, or set presence.session_timeout short and have it"
            " send heartbeats.",
        )
    elif lost > 0.05 * opened and lost >= _ENOUGH / 4:
        yield warning(
            _CHECK,
            seen,
            f"{share(lost, opened)} of the sessions have no end on Kafka: a server that crashes"
            " says nothing for its users. They count as online until presence.session_timeout"
            f" ({span_of(evidence.settings.presence.session_timeout)}), and get no push so long.",
            f"Have the server publish {CLOSING} when it stops and for the sessions it finds at"
            " start; or set presence.session_timeout shorter.",
        )
    else:
        yield ok(_CHECK, seen)


def _restarts(evidence: Evidence) -> Iterator[Finding]:
    minutes = Counter((worker, at // _MINUTE) for worker, at in evidence.presence.unclosed)
    crashed = Counter(worker for (worker, _), count in minutes.items() if count >= _CRASH)
    if crashed:
        named = ", ".join(f"worker {worker}" for worker in sorted(crashed))
        yield note(
            _CHECK,
            f"{many(crashed.total(), 'time')} many users came back at once to a worker that had"
            f" not said they had gone: {named}",
            "It was killed and started again. Who did not come back still counts as online.",
            "Look into that worker's restarts.",
        )


def _names(evidence: Evidence) -> Iterator[Finding]:
    ways: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for record, event in evidence.sample.user_events:
        if event.event_type in OPENING or event.event_type == CLOSING:
            worker = "the worker only" if event.worker_id is not None else "nothing"
            ways[event.event_type in OPENING][record.form.named_by or worker] += 1
    seen = f"sessions are named by {counted(ways[True])}; their ends by {counted(ways[False])}"
    vague = ways[True]["nothing"], ways[False]["nothing"]
    if any(vague):
        yield warning(
            _CHECK,
            seen,
            "An end that names neither session nor worker ends all sessions of the user: who has"
            " two devices and closes one counts as offline.",
            "Have the server send session_id, or at least worker_id, with both events.",
        )
    else:
        yield ok(_CHECK, seen)
