"""The measured figures that sizes are computed from, read from what was published."""

import json
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

_FOOTPRINT, _SUITE = "footprint.json", "results.json"
_ROWS = ("messages", "user_events", "presence_changes", "push_decisions")
_MICRO = 1e6

Figures = dict[str, Any]  # Any: JSON


@dataclass(frozen=True)
class Costs:
    """Seconds of CPU and bytes, each by the piece."""

    machine: str
    record_bytes: float
    decode_seconds: float
    """Reading and decoding an event."""
    event_seconds: float
    """An event in the whole flow, with the few decisions of the benchmark's traffic."""
    decision_seconds: float
    user_bytes: float
    """Memory for a user who is known."""
    membership_bytes: float
    process_bytes: float
    """Memory of a process that knows little."""
    rows: dict[str, dict[str, float]]
    """By store and table, bytes a row."""

    def told(self) -> list[tuple[str, str]]:
        """Name and value of each, for people."""
        return [
            ("bytes of a record in Kafka", f"{self.record_bytes:.0f}"),
            ("CPU of an event, read and decoded", _micros(self.decode_seconds)),
            ("CPU of an event, in the whole flow", _micros(self.event_seconds)),
            ("CPU of one more push decision", _micros(self.decision_seconds)),
            ("memory of a process that reads a backlog", f"{self.process_bytes / 2**20:.0f} MiB"),
            ("memory of a user known", f"{self.user_bytes:,.0f} bytes"),
            ("memory of a membership of a group", f"{self.membership_bytes:,.0f} bytes"),
            *(
                (f"a row of `{table}` in {store}", f"{size:.0f} bytes")
                for store, tables in self.rows.items()
                for table, size in tables.items()
            ),
        ]


def read_costs(folder: Path) -> Costs:
    """From the files of a folder; what the suite published is preferred where it is there."""
    found = _read(folder / _FOOTPRINT)
    suite = _read(folder / _SUITE) if (folder / _SUITE).exists() else found
    # Of a program that ran on a few events, too, those of the long run count.
    steps = {each["name"]: each for each in sorted(suite["programs"], key=itemgetter("events"))}
    crowds, decisions = found["crowds"], found["decisions"]
    return Costs(
        machine=_machine(suite["machine"]),
        record_bytes=found["record_bytes"],
        decode_seconds=_each(steps["decode"]),
        event_seconds=_each(steps["flow"]),
        decision_seconds=decisions["cpu_seconds"] / decisions["more"],
        user_bytes=crowds["user"]["memory_bytes_each"],
        membership_bytes=crowds["membership"]["memory_bytes_each"],
        process_bytes=steps["flow"]["peak_mib"] * 2**20,
        rows={store: _bytes_a_row(told["tables"]) for store, told in found["stores"].items()},
    )


def _read(file: Path) -> Figures:
    found: Figures = json.loads(file.read_text(encoding="utf-8"))
    return found


def _each(program: Figures) -> float:
    seconds: float = program["cpu_seconds"] / program["events"]
    return seconds


def _bytes_a_row(tables: Figures) -> dict[str, float]:
    return {name: tables[name]["bytes"] / tables[name]["rows"] for name in _ROWS}


def _machine(told: Figures) -> str:
    return f"{told['processor']}, {told['cores']}"


def _micros(seconds: float) -> str:
    return f"{seconds * _MICRO:.1f} µs"
