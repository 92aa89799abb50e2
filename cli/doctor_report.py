"""Findings in, what `chatflow doctor` prints out."""

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import msgspec
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from inspection.evidence import Evidence
from inspection.finding import Finding, Severity
from inspection.sample import Sample

_WIDEST = 100
_URGENCY = tuple(reversed(Severity))
_COLORS = {
    Severity.OK: "green",
    Severity.NOTE: "cyan",
    Severity.WARNING: "yellow",
    Severity.PROBLEM: "bold red",
}


class _Extent(msgspec.Struct, frozen=True):
    topic: str
    partition: int
    first: int
    end: int
    """As the broker said: the offset after its last record then."""
    records: int
    finished: bool


class _Report(msgspec.Struct, frozen=True):
    brokers: Sequence[str]
    at: str
    sample: Sequence[_Extent]
    findings: Sequence[Finding]


def as_json(evidence: Evidence, findings: Sequence[Finding]) -> str:
    """One JSON object, for programs."""
    extents = [
        _Extent(*part.source, part.first, part.high, len(part.records), part.finished)
        for part in evidence.sample.partitions
    ]
    brokers = evidence.settings.kafka.brokers
    report = _Report(brokers, _instant(evidence.now), extents, findings)
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n"


def as_text(evidence: Evidence, findings: Sequence[Finding]) -> str:
    """Lines for people; coloured on a terminal."""
    outside = Console()
    console = Console(
        file=io.StringIO(),
        width=min(outside.width, _WIDEST),
        force_terminal=outside.is_terminal,
        color_system=outside.color_system,  # type: ignore[arg-type]  # a name rich itself gave
        highlight=False,
    )
    for line in _head(evidence):
        console.print(line, style="dim")
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column()
    # Stable: of one severity, what is fundamental comes first, as the checks are ordered.
    for finding in sorted(findings, key=lambda found: _URGENCY.index(found.severity)):
        severity = Text(finding.severity.value, _COLORS[finding.severity])
        table.add_row(severity, finding.check, _words(finding))
    console.print(Padding(table, (1, 0)))
    console.print(_last(findings))
    assert isinstance(console.file, io.StringIO)
    return "".join(f"{line.rstrip()}\n" for line in console.file.getvalue().splitlines())


def _words(finding: Finding) -> Text:
    words = Text(finding.seen, "bold" if finding.severity is not Severity.OK else "")
    if finding.means:
        words.append(f"\n{finding.means}", "not bold")
    if finding.do:
        words.append(f"\n→ {finding.do}", "not bold")
    if finding.severity is not Severity.OK:
        words.append("\n")
    return words


def _head(evidence: Evidence) -> Iterator[str]:
    sample = evidence.sample
    yield f"chatflow doctor: {', '.join(evidence.settings.kafka.brokers)}"
    times = [it.recorded_at for it in sample.records]
    span = f", recorded {_instant(min(times))} to {_instant(max(times))}" if times else ""
    yield f"{len(sample.records):,} records of {len(sample.partitions)} partitions{span}"
    if cut := _cut(sample):
        yield f"not everything could be read in time, or it was too much: {cut}"


def _cut(sample: Sample) -> str:
    unfinished = Counter(part.source.topic for part in sample.partitions if not part.finished)
    return ", ".join(f"{topic} ({count} partitions)" for topic, count in unfinished.items())


def _last(findings: Sequence[Finding]) -> str:
    counts = Counter(finding.severity for finding in findings)
    return ", ".join(
        f"{counts[severity]} {severity.value if counts[severity] == 1 else _PLURAL[severity]}"
        for severity in _URGENCY
    )


_PLURAL = {
    Severity.OK: "ok",
    Severity.NOTE: "notes",
    Severity.WARNING: "warnings",
    Severity.PROBLEM: "problems",
}


def _instant(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
