"""Whether the topics are there, and how long they keep what they get."""

from collections.abc import Iterator, Mapping

from inspection.evidence import Evidence
from inspection.finding import Finding, note, ok, problem, warning
from inspection.words import lasting
from sinks.topics import topic_names

_CHECK = "topics"
_DAY = 86_400_000


def check(evidence: Evidence) -> Iterator[Finding]:
    """Topics that are missing, then what their settings mean."""
    settings, there = evidence.settings, evidence.cluster.partitions
    wanted = topic_names(settings.kafka, settings.dead_letters.topic_suffix)
    if missing := [name for name in wanted if name not in there]:
        yield _missing(missing, created=settings.source.missing_topics == "create")
    found = ", ".join(f"{name} {there[name]}" for name in wanted if name in there)
    if found:
        yield ok(_CHECK, f"partitions: {found}")
    if evidence.cluster.configs is None:
        yield note(_CHECK, f"settings of the topics are not known: {evidence.cluster.silence}")
        return
    for name in settings.kafka.topics.names:
        if name in evidence.cluster.configs:
            yield from _settings(name, evidence.cluster.configs[name])


def _missing(names: list[str], *, created: bool) -> Finding:
    seen = f"missing: {', '.join(names)}"
    if created:
        return note(_CHECK, seen, "source.missing_topics is create: the flow makes them at start.")
    return problem(
        _CHECK,
        seen,
        "The flow does not start without them.",
        "`chatflow topics create`, or other names under kafka.topics.",
    )


def _settings(name: str, config: Mapping[str, str]) -> Iterator[Finding]:
    kept = int(config.get("retention.ms", "-1"))
    policy = config.get("cleanup.policy", "delete")
    if "compact" in policy:
        yield problem(
            _CHECK,
            f"{name} has cleanup.policy {policy}",
            "Kafka deletes all but the newest record of each key: messages of the same user are"
            " gone before a flow that was down, or a backfill, has read them.",
            f"Set cleanup.policy of {name} to delete.",
        )
    long = "for ever" if kept < 0 else f"for {lasting(kept)}"
    if 0 <= kept < _DAY:
        yield warning(
            _CHECK,
            f"{name} keeps records {long} (retention.ms)",
            "A flow that is down for longer loses what came meanwhile, and stops to say so.",
            f"Set retention.ms of {name} to some days.",
        )
    else:
        yield ok(_CHECK, f"{name} keeps records {long}")
    if config.get("message.timestamp.type") == "LogAppendTime":
        yield note(
            _CHECK,
            f"{name} has message.timestamp.type LogAppendTime",
            "Record timestamps are the broker's: they say when a record arrived, not when it was"
            " sent, and break ties of one second in that order.",
        )
