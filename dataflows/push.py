"""Messages and their offline recipients in; decisions, each with its reason, and requests out."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import bytewax.operators as op
from bytewax.dataflow import Stream, operator

from dataflows.candidates import Recipients
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
    columns = [*shared[:4], users, *shared[4:], at] if shared else [[]] * len(_COLUMNS)
    return _Decided(Rows(PUSH_DECISIONS, columns), requests)


_OFFLINE = Reason.OFFLINE
_COLUMNS = PUSH_DECISIONS.columns


def _runs(each: Recipients, policy: Policy, now: int) -> Sequence[tuple[Reason, int]]:
    """Equal reasons that follow each other, with how many they are."""
    message, users, returned = each.message, each.users, each.returned
    shared = policy.shared_reason(message, users, now, returned=returned)
    if shared is not None:
        return ((shared, len(users)),)
    reasons = policy.reasons(message, users, now, returned=returned)
    return [(reason, len(list(same))) for reason, same in groupby(reasons)]
