"""Messages and their offline recipients in; decisions, each with its reason, and requests out."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import bytewax.operators as op
from bytewax.dataflow import Stream, operator

from dataflows.policy import Policy, Reason
from dataflows.roster import Recipients
from schemas.push import PushRequest
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
class _Decided:
    decisions: Rows
    requests: list[PushRequest]


def wall_clock() -> int:
    """Milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


@operator
def push(
    step_id: str,
    up: Stream[list[Recipients]],
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

    def decide(found: list[Recipients]) -> _Decided:
        return _decide(found, policy, now())

    decided = op.map("decide", up, decide)
    return PushOut(
        op.filter_map("decisions", decided, _decisions), op.map("requests", decided, _requests)
    )


def _decisions(decided: _Decided) -> Rows | None:
    return decided.decisions if len(decided.decisions) else None


def _requests(decided: _Decided) -> list[PushRequest]:
    return decided.requests


def _decide(found: Iterable[Recipients], policy: Policy, now: int) -> _Decided:
    columns: tuple[list[object], ...] = tuple([] for _ in PUSH_DECISIONS.columns)
    requests: list[PushRequest] = []
    for each in found:
        source, message, users = each.source, each.message, each.users
        reasons = policy.reasons(message, users, now, returned=each.returned)
        sent = [reason is Reason.OFFLINE for reason in reasons]
        many = len(users)
        # A message to a group can have hundreds of recipients: columns grow without any row.
        topics, partitions, offsets, ids, recipients, decisions, why, providers, at = columns
        topics.extend([source.topic] * many)
        partitions.extend([source.partition] * many)
        offsets.extend([message.kafka_offset] * many)
        ids.extend([message.message_id] * many)
        recipients.extend(users)
        decisions.extend([SENT if yes else SUPPRESSED for yes in sent])
        why.extend(reasons)
        providers.extend([policy.provider if yes else None for yes in sent])
        at.extend([now] * many)
        if any(sent):
            requests += [
                policy.request(source, message, user_id, now)
                for user_id, yes in zip(users, sent, strict=True)
                if yes
            ]
    return _Decided(Rows(PUSH_DECISIONS, columns), requests)
