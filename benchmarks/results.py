"""A comparison as a table for the terminal and the documents, as JSON, and as a chart."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from benchmarks.chart import draw
from benchmarks.outcomes import Comparison, Outcome
from benchmarks.totals import NAMES

CHART = "throughput.svg"
_LEFT_OUT = ""


def text(found: Comparison) -> str:
    """Everything in Markdown that is readable in a terminal too."""
    parts = [_machine(found), _speed(found), _totals(found), _notes(found)]
    return "\n\n".join(part for part in parts if part) + "\n"


def write(found: Comparison, folder: Path) -> None:
    """Leave the table, the figures and the chart in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    chart = f"![events a second]({CHART})\n\n"
    (folder / "results.md").write_text(f"# Results\n\n{chart}{text(found)}", encoding="utf-8")
    figures = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": dict(found.machine),
        "programs": [outcome.figures() for outcome in found.outcomes],
        "skipped": dict(found.skipped),
        "disagreements": list(found.disagreements),
    }
    (folder / "results.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    draw(found, folder / CHART)


def publish(found: Comparison, document: Path) -> None:
    """Put the tables into a document, in place of the last ones."""
    chart = f"![events a second](../benchmarks/results/{CHART})"
    put(f"{chart}\n\n{text(found)}", document, "results")


def put(tables: str, document: Path, place: str) -> None:
    """Put text into a document, between the two marks of that name."""
    document.write_text(replaced(tables, document, place), encoding="utf-8")


def replaced(tables: str, document: Path, place: str) -> str:
    """The document with this text between the two marks of that name."""
    before = document.read_text(encoding="utf-8")
    marks = rf"(<!-- {place}: begin -->\n).*?(<!-- {place}: end -->)"
    after, places = re.subn(marks, lambda m: f"{m[1]}{tables}{m[2]}", before, flags=re.DOTALL)
    if places != 1:
        raise ValueError(f"{document} has no place for {place}, or several")
    return after


def _machine(found: Comparison) -> str:
    return "; ".join(f"{name}: {words}" for name, words in found.machine.items())


def _speed(found: Comparison) -> str:
    heads = (
        "program", "events", "runs", "events/s", "of the limit", "CPU-s",
        "CPU-s a million", "CPU to the limit's", "peak MiB", "start s", "commit s, longest",
    )  # fmt: skip
    return table(heads, [_speed_row(outcome, found.raw) for outcome in found.outcomes])


def _speed_row(outcome: Outcome, raw: Outcome | None) -> list[str]:
    start, commits = outcome.start_seconds, outcome.commits
    return [
        outcome.title,
        f"{outcome.events:,}",
        str(len(outcome.runs)),
        f"{outcome.rate:,.0f}",
        f"{outcome.rate / raw.rate:.3f}" if raw else _LEFT_OUT,
        f"{outcome.cpu_seconds:.1f}",
        f"{outcome.cpu_per_million:.1f}",
        f"{outcome.cpu_per_million / raw.cpu_per_million:.1f}" if raw else _LEFT_OUT,
        f"{outcome.peak_mib:,.0f}",
        _LEFT_OUT if start is None else f"{start:.1f}",
        f"{median(commits):.2f}, {max(commits):.2f}" if commits else _LEFT_OUT,
    ]


def _totals(found: Comparison) -> str:
    heads = ("program", "messages", "user events", "dead letters", "sum of stats", "candidates")
    rows = [
        [outcome.title, *(_total(outcome, name, found) for name in NAMES)]
        for outcome in found.outcomes
        if any(name in outcome.totals for name in NAMES)
    ]
    return table(heads, rows)


def _total(outcome: Outcome, name: str, found: Comparison) -> str:
    """A total; an approximate one with what it is of the exact one."""
    if name not in outcome.totals:
        return _LEFT_OUT
    total = outcome.totals[name]
    if name in outcome.program.exact:
        return f"{total:,}"
    exact = [
        other.totals[name]
        for other in found.outcomes
        if other.events == outcome.events and name in other.program.exact
    ]
    return f"{total:,} ({total / exact[0]:.1%})" if exact and exact[0] else f"{total:,}"


def _notes(found: Comparison) -> str:
    lines = [f"* {o.title}: {o.program.note}." for o in found.outcomes if o.program.note]
    lines += [f"* {title} is left out: {why}." for title, why in found.skipped.items()]
    lines += [f"* **Disagreement**: {line}." for line in found.disagreements]
    if not found.disagreements:
        lines.append(
            "* All totals that must agree do; those in brackets are approximate by design."
        )
    return "\n".join(lines)


def table(heads: tuple[str, ...], rows: list[list[str]]) -> str:
    """A table in Markdown; nothing where there are no rows."""
    if not rows:
        return ""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(_line(row, widths) for row in (list(heads), rule, *rows))


def _line(cells: list[str], widths: list[int]) -> str:
    first = cells[0].ljust(widths[0])
    others = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
    return f"| {' | '.join([first, *others])} |"
