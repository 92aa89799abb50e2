"""What came of the runs of each program, and the figures made of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks.measure import Measured
from benchmarks.programs import Program
from benchmarks.totals import Totals

_MIB = 2**20


@dataclass(frozen=True)
class Outcome:
    """All runs of one program on the same events."""

    program: Program
    title: str
    events: int
    runs: Sequence[Measured]
    totals: Totals

    @property
    def rate(self) -> float:
        """Events a second, from the first event to the end of the process; the median."""
        return median(self.events / run.reading_seconds for run in self.runs)

    @property
    def cpu_seconds(self) -> float:
        """The median of the runs."""
        return median(run.cpu_seconds for run in self.runs)

    @property
    def cpu_per_million(self) -> float:
        """CPU-seconds for a million events."""
        return self.cpu_seconds / self.events * 1e6

    @property
    def peak_mib(self) -> float:
        """Of the largest run."""
        return max(run.peak_bytes for run in self.runs) / _MIB

    @property
    def start_seconds(self) -> float | None:
        """The median of the runs; None where the program does not tell."""
        found = [run.start_seconds for run in self.runs if run.start_seconds is not None]
        return median(found) if found else None

    @property
    def commits(self) -> list[float]:
        """Seconds of each commit of all runs."""
        return [seconds for run in self.runs for seconds in run.commits]

    def figures(self) -> dict[str, object]:
        """For the file that other programs read."""
        return {
            "name": self.program.name,
            "title": self.title,
            "events": self.events,
            "events_per_second": self.rate,
            "cpu_seconds": self.cpu_seconds,
            "peak_mib": self.peak_mib,
            "start_seconds": self.start_seconds,
            "seconds_of_runs": [run.seconds for run in self.runs],
            "commit_seconds": self.commits,
            "totals": dict(self.totals),
        }


@dataclass(frozen=True)
class Comparison:
    """Everything one run of the suite found out."""

    outcomes: Sequence[Outcome]
    machine: Mapping[str, str]
    skipped: Mapping[str, str] = field(default_factory=dict)
    """Programs that were left out, and why."""
    disagreements: Sequence[str] = ()

    @property
    def raw(self) -> Outcome | None:
        """The limit that ratios are taken to."""
        return next((found for found in self.outcomes if found.program.name == "raw"), None)
