"""All checks, in the order in which their findings are told."""

from collections.abc import Callable, Iterator, Sequence

from inspection.checks import (
    clocks,
    decoding,
    keys,
    members,
    message_ids,
    order,
    project,
    readers,
    recipients,
    sessions,
    sizes,
    topics,
    wire,
)
from inspection.evidence import Evidence
from inspection.finding import Finding, Severity

Check = Callable[[Evidence], Iterator[Finding]]
"""A pure rule; yields nothing where the sample has nothing that it is about."""

CHECKS: Sequence[Check] = (
    topics.check,
    readers.check,
    wire.check,
    decoding.check,
    keys.check,
    recipients.check,
    sessions.check,
    members.check,
    message_ids.check,
    clocks.check,
    order.check,
    sizes.check,
    project.check,
)


def examine(evidence: Evidence) -> list[Finding]:
    """What all checks find."""
    return [finding for check in CHECKS for finding in check(evidence)]


def has_problem(findings: Sequence[Finding]) -> bool:
    """Whether something has to be changed."""
    return any(finding.severity is Severity.PROBLEM for finding in findings)
