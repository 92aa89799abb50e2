"""Settings of this project that do not go with what is there."""

from collections.abc import Iterator

from inspection.evidence import Evidence
from inspection.finding import Finding, note

_CHECK = "settings"
_SERVERS_OWN = "chat-consumer-group"
"""The group through which known chat servers deliver; also the default here."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """What somebody should have decided before the flow runs in earnest."""
    settings = evidence.settings
    if settings.push.provider == "log":
        yield note(
            _CHECK,
            "push.provider is log",
            "Nobody is notified: pushes are lines of the flow's log.",
            "Set push.provider to webhook, and push.webhook.",
        )
    if settings.kafka.consumer.group_id == _SERVERS_OWN:
        yield note(
            _CHECK,
            f"kafka.consumer.group_id is {_SERVERS_OWN}",
            "Chat servers are known that deliver to their users through a group of this name. As"
            " soon as one of them is a member of it, the flow does not start.",
            "Set it to a name of the flow's own.",
        )
