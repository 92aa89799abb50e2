"""Messages and their offline recipients in; decisions, each with its reason, and requests out."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import bytewax.operators as op
from bytewax.dataflow import Stream, operator

from dataflows.candidates import AnyRecipients, Recipients, one_by_one
from dataflows.compiled_candidates import RecipientColumns
from dataflows.policy import Policy, Reason
from schemas.push import PushRequest
from schemas.repeated import Repeated
from schemas.rows import Rows
from schemas.tables import PUSH_DECISIONS

SENT = "sent"
SUPPRESSED = "suppressed"


@dataclass(frozen=True)
class PushOut:
    """What push decides."""

    decisions: Stream[Rows]
    """Rows of `push_decisions`: one for each candidate, sent or suppressed."""
    requests: Stream[list[PushRequest]]
    """What is to be sent."""


@dataclass(frozen=True)
class Decided:
    """What was decided, and what is to be sent."""

    decisions: list[Rows]
    requests: list[PushRequest]


def wall_clock() -> int:
    """Milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


@operator
def push(
    step_id: str,
    up: Stream[list[AnyRecipients]],
    *,
    policy: Policy,
    now: Callable[[], int] = wall_clock,
) -> PushOut:
    """Decide for each candidate whether a push is sent.

    Args:
        step_id: Name of the step.
        up: Offline recipients of messages.
        policy: What is pushed, to whom, and until when.
        now: The wall clock in milliseconds: a push that is old now is not sent.
    """
    decided = op.map("decide", up, lambda found: decide(found, policy, now()))
    return PushOut(
        op.flat_map("decisions", decided, _decisions), op.map("requests", decided, _requests)
    )


def _decisions(decided: Decided) -> list[Rows]:
    return decided.decisions


def _requests(decided: Decided) -> list[PushRequest]:
    return decided.requests


def decide(found: Iterable[AnyRecipients], policy: Policy, now: int) -> Decided:
    """Decide for each of these recipients; `now` is the wall clock in milliseconds."""
    stale: list[Rows] = []
    others: list[AnyRecipients] = []
    for each in found:
        if isinstance(each, RecipientColumns) and _are_stale(each, policy, now):
            stale.append(_stale(each, now))
        else:
            others.append(each)
    decided = _one_by_one(one_by_one(others), policy, now)
    return Decided([*stale, *decided.decisions], decided.requests)


def _are_stale(found: RecipientColumns, policy: Policy, now: int) -> bool:
    """Whether all are, and for no other reason: a backlog is decided without a look at each."""
    newest: int = max(found.messages.numbers("event_time"))
    return not policy.directory.users and now >= newest + policy.max_age


def _stale(found: RecipientColumns, now: int) -> Rows:
    counts, total = found.counts, [len(found.users)]
    shared: tuple[Sequence[object], ...] = (
        [source.topic for source in found.sources],
        [source.partition for source in found.sources],
        found.messages.column("kafka_offset"),
        found.messages.column("message_id"),
    )
    columns = [
        *(Repeated(values, counts) for values in shared),
        found.users,
        *(Repeated([value], total) for value in (SUPPRESSED, Reason.STALE, None, now)),
    ]
    return Rows(PUSH_DECISIONS, columns)


def _one_by_one(found: Iterable[Recipients], policy: Policy, now: int) -> Decided:
    users: list[str] = []
    counts: list[int] = []
    entries: list[tuple[object, ...]] = []
    requests: list[PushRequest] = []
    for each in found:
        message, (topic, partition) = each.message, each.source
        users.extend(each.users)
        place = 0
        # A message to a group can have hundreds of recipients, nearly always for one reason: what
        # they share is written down once.
        for reason, many in _runs(each, policy, now):
            sent = reason is _OFFLINE
            word, provider = (SENT, policy.provider) if sent else (SUPPRESSED, None)
            # Spelt out: `*each.source` and looking up `Reason.OFFLINE` each time cost a quarter.
            offset, message_id = message.kafka_offset, message.message_id
            entries.append((topic, partition, offset, message_id, word, reason, provider))
            counts.append(many)
            if sent:
                requests += [
                    policy.request(each.source, message, user_id, now)
                    for user_id in each.users[place : place + many]
                ]
            place += many
    shared = [Repeated(values, counts) for values in zip(*entries, strict=True)]
    at = Repeated([now], [len(users)])
    columns = [*shared[:4], users, *shared[4:], at]
    return Decided([Rows(PUSH_DECISIONS, columns)] if users else [], requests)


_OFFLINE = Reason.OFFLINE


def _runs(each: Recipients, policy: Policy, now: int) -> Sequence[tuple[Reason, int]]:
    """Equal reasons that follow each other, with how many they are."""
    message, users, returned = each.message, each.users, each.returned
    shared = policy.shared_reason(message, users, now, returned=returned)
    if shared is not None:
        return ((shared, len(users)),)
    reasons = policy.reasons(message, users, now, returned=returned)
    return [(reason, len(list(same))) for reason, same in groupby(reasons)]
