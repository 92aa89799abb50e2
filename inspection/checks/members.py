"""Whether it is known who is in which group: they get the pushes of its messages."""

from collections.abc import Iterator

from dataflows.event_types import JOINING, LEAVING
from inspection.evidence import Evidence
from inspection.finding import Finding, note, ok, warning
from inspection.words import many, share

_CHECK = "group members"


def check(evidence: Evidence) -> Iterator[Finding]:
    """Groups in the traffic against the directory and what events tell of members."""
    groups = {m.group_id for _, m in evidence.sample.messages if m.group_id is not None}
    events = [event for _, event in evidence.sample.user_events]
    moves = sum(event.event_type in JOINING | LEAVING for event in events)
    if not groups:
        return
    listed = len(groups & evidence.directory.groups.keys())
    seen = (
        f"messages to {many(len(groups), 'group')}, {share(listed, len(groups))} of them listed in"
        f" the directory; {many(moves, 'event')} of joining or leaving"
    )
    means = (
        "Who belongs to a group that is not listed is known only of those who have written to it:"
        " who only reads gets no push."
    )
    if listed == len(groups):
        yield ok(_CHECK, seen)
    elif moves:
        yield note(
            _CHECK,
            seen,
            "Those who joined before the flow's first record are not known.",
            "A directory file of all groups (push.directory) says it from the beginning.",
        )
    elif listed:
        yield note(_CHECK, seen, means, "Write the directory file anew when groups change.")
    else:
        yield warning(
            _CHECK,
            seen,
            means,
            "Export groups and members from the server's database to a file, and name it in"
            " push.directory; or have the server publish group_join and group_leave.",
        )
