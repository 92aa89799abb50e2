"""Marks of several sinks, or shards, seen together."""

from collections.abc import Iterable, Mapping

from schemas.events import TopicPartition


def lowest(marks: Iterable[Mapping[TopicPartition, int]]) -> dict[TopicPartition, int]:
    """For each partition the lowest mark that any of them has: nobody may miss a record."""
    found: dict[TopicPartition, int] = {}
    for each in marks:
        for source, offset in each.items():
            found[source] = min(offset, found.get(source, offset))
    return found
