"""Messages × offline recipients × policy in; decisions, each with its reason, and requests out."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import bytewax.operators as op
from bytewax.dataflow import Stream, operator

from dataflows.policy import Policy, Reason
from dataflows.roster import Recipients
from schemas.push import PushRequest
from schemas.tables import PUSH_DECISIONS, Rows

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
    rows: list[tuple[object, ...]] = []
    requests: list[PushRequest] = []
    for each in found:
        source, message = each.source, each.message
        general = policy.for_all(message, now, returned=each.returned)
        for user_id in each.users:
            reason = policy.for_one(message, user_id, general)
            sent = reason is Reason.OFFLINE
            rows.append(
                (
                    *source,
                    message.kafka_offset,
                    message.message_id,
                    user_id,
                    SENT if sent else SUPPRESSED,
                    reason,
                    policy.provider if sent else None,
                    now,
                )
            )
            if sent:
                requests.append(policy.request(source, message, user_id, now))
    return _Decided(Rows.of(PUSH_DECISIONS, rows), requests)
