"""Whether messages to people who are away reach Kafka at all."""

from collections.abc import Iterator

from inspection.evidence import Evidence
from inspection.finding import Finding, note, ok, problem
from inspection.words import share

_CHECK = "recipients"
_ENOUGH = 30
"""Direct messages of which the recipient's presence is known, to conclude something from them."""
_ALL = 0.99
"""A share of online recipients that is no chance; the rest left while the message was sent."""


def check(evidence: Evidence) -> Iterator[Finding]:
    """The share of direct messages whose recipient was online at that time."""
    found = evidence.presence
    known = found.online + found.offline
    if not known + found.unknown:
        return
    unknown = f" ({found.unknown:,} more: not known)" if found.unknown else ""
    seen = (
        f"{found.online:,} of {known:,} direct messages ({share(found.online, known)}) went to"
        f" somebody who was online{unknown}"
    )
    if known < _ENOUGH:
        yield note(
            _CHECK,
            seen,
            "Too few to say whether the server also publishes messages to those who are away.",
            "Look at more: --records, --since or --from-beginning. Presence is known of users with"
            " an event in the same span.",
        )
    elif found.online >= _ALL * known:
        yield problem(
            _CHECK,
            seen,
            "The server publishes a direct message only when its recipient is online; the others"
            " go straight to its own database. Nobody who is away gets a push for a direct"
            " message, because the flow never hears of it. Messages to groups are not concerned.",
            "Change the server: publish to Kafka before it asks whether the recipient is online,"
            " or in both cases. Nothing in this project can make up for it.",
        )
    else:
        yield ok(_CHECK, seen, "Messages to people who are away reach Kafka; they can be pushed.")
