"""Who else consumes: a group is the flow's own, or it takes records away from somebody."""

from collections.abc import Iterator

from inspection.evidence import Evidence
from inspection.finding import Finding, note, ok, problem, warning
from inspection.words import many

_CHECK = "groups"


def check(evidence: Evidence) -> Iterator[Finding]:
    """Members of the flow's own group, then other groups that read the three topics."""
    readers, ours = evidence.cluster.readers, evidence.settings.kafka.consumer.group_id
    if readers is None:
        yield note(_CHECK, f"members of groups are not known: {evidence.cluster.silence}")
        return
    inside = [member for reader in readers if reader.group_id == ours for member in reader.members]
    if not inside:
        yield ok(_CHECK, f"the group {ours} has no members; the flow itself is never one")
    elif evidence.settings.source.active_group == "refuse":
        yield problem(
            _CHECK,
            f"the group {ours} has {many(len(inside), 'active member')}: {_named(inside)}",
            "The flow is never a member, so this is somebody else, most likely the chat server"
            " that delivers through it. The flow refuses to start.",
            "Set kafka.consumer.group_id to a group of the flow's own, or source.active_group to"
            " read_only.",
        )
    else:
        yield warning(
            _CHECK,
            f"the group {ours} has {many(len(inside), 'active member')}: {_named(inside)}",
            "With source.active_group read_only the flow reads and commits nothing: its lag is in"
            " the database only.",
            "Better give the flow a group of its own.",
        )
    for reader in readers:
        if reader.group_id != ours:
            yield note(
                _CHECK,
                f"the group {reader.group_id} reads our topics with"
                f" {many(len(reader.members), 'member')}",
                "It gets all records as well; neither takes any from the other.",
            )


def _named(members: list[str], most: int = 3) -> str:
    more = f" and {len(members) - most} more" if len(members) > most else ""
    return ", ".join(members[:most]) + more
