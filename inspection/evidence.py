"""Everything that checks look at: the sample, the cluster, and the settings of this project."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from config.settings import Settings
from inspection.presence import PresenceFacts, presence_of
from inspection.sample import Sample
from schemas.directory import Directory

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Reader:
    """A consumer group with active members that read our topics."""

    group_id: str
    members: Sequence[str]
    """Each by its client and host."""


@dataclass(frozen=True)
class ClusterFacts:
    """What the brokers say; None where they do not say it."""

    partitions: Mapping[str, int] = field(default_factory=dict)
    """Of every topic there is."""
    configs: Mapping[str, Mapping[str, str]] | None = None
    """The settings in force of the topics and dead-letter topics that are there."""
    readers: Sequence[Reader] | None = None
    """Groups that read the three topics now; with ours, as soon as it has members."""
    silence: str = "the broker does not answer such questions"
    """Why something is None."""


@dataclass(frozen=True)
class Evidence:
    """What the checks are about."""

    sample: Sample
    settings: Settings
    cluster: ClusterFacts
    now: int
    """Milliseconds since 1970 UTC, by the clock of this machine."""
    directory: Directory = field(default_factory=Directory)

    @cached_property
    def presence(self) -> PresenceFacts:
        """Who was online when, as the flow's own rules see it."""
        return presence_of(self.sample, self.settings.presence)


def milliseconds(span: timedelta) -> int:
    """A setting in the unit of event times."""
    return span // _MILLISECOND
