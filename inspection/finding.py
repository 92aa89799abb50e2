"""What a check has to say."""

import enum

import msgspec


class Severity(enum.StrEnum):
    """How much a finding matters; in the order of its urgency."""

    OK = "ok"
    """As the flow expects it."""
    NOTE = "note"
    """Worth knowing; also that something could not be found out."""
    WARNING = "warning"
    """Results are less than they could be, or will be one day."""
    PROBLEM = "problem"
    """The flow does not start, stops, or does not do what it is there for."""


class Finding(msgspec.Struct, frozen=True):
    """One answer; without chat content, and without ids of users, groups and messages."""

    check: str
    severity: Severity
    seen: str
    """What the sample shows, in counts."""
    means: str = ""
    """What follows from it; empty where nothing does."""
    do: str = ""
    """What to do about it; empty where there is nothing to do."""


def ok(check: str, seen: str, means: str = "") -> Finding:
    """Nothing to do."""
    return Finding(check, Severity.OK, seen, means)


def note(check: str, seen: str, means: str = "", do: str = "") -> Finding:
    """Worth knowing."""
    return Finding(check, Severity.NOTE, seen, means, do)


def warning(check: str, seen: str, means: str, do: str) -> Finding:
    """Better changed."""
    return Finding(check, Severity.WARNING, seen, means, do)


def problem(check: str, seen: str, means: str, do: str) -> Finding:
    """To be changed."""
    return Finding(check, Severity.PROBLEM, seen, means, do)
