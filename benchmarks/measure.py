"""Runs one program as a process of its own and says what it took."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import VARIABLE

ROOT = Path(__file__).resolve().parent.parent
_LAUNCHER = Path(__file__).with_name("launcher.py")
_WORDS = 2000


class ProgramFailedError(Exception):
    """A program ended with another status than 0, or not at all; with the end of its output."""


@dataclass(frozen=True)
class Measured:
    """One run. Seconds are on the clock from the start of the process to its end."""

    seconds: float
    cpu_seconds: float
    """User and system, of the process and its children."""
    peak_bytes: int
    start_seconds: float | None
    """From the start of the process until the first event was at hand."""
    start_cpu_seconds: float
    """Of `cpu_seconds`, those until then."""
    commits: Sequence[float]
    told: Mapping[str, int]
    """What the program counted by itself."""

    @property
    def reading_seconds(self) -> float:
        """From the first event to the end of the process; the start is told apart from it."""
        return self.seconds - (self.start_seconds or 0)

    @property
    def reading_cpu_seconds(self) -> float:
        """User and system time from the first event on."""
        return self.cpu_seconds - self.start_cpu_seconds


def measure(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, patience: float
) -> Measured:
    """Run a command; `folder` takes its output and its report.

    Raises:
        ProgramFailedError: It failed, or did not end within `patience` seconds.
    """
    used, told, log = folder / "used.json", folder / "told.json", folder / "output.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_LAUNCHER), str(used), *command],
            cwd=ROOT,
            env={**environment, VARIABLE: str(told)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            process.wait(patience)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if isinstance(error, subprocess.TimeoutExpired):
                raise _failed(command, f"did not end within {patience:.0f} s", log) from None
            raise
    found = json.loads(used.read_text())
    if found["status"] != 0:
        raise _failed(command, f"ended with status {found['status']}", log)
    return _measured(found, json.loads(told.read_text()))


def _measured(used: dict[str, float], told: dict[str, object]) -> Measured:
    first, commits, totals = told["first_event_at"], told["commits"], told["totals"]
    assert isinstance(commits, list), "reports hold lists of commits"
    assert isinstance(totals, dict), "reports hold totals by name"
    return Measured(
        seconds=used["seconds"],
        cpu_seconds=used["cpu_seconds"],
        peak_bytes=int(used["peak_bytes"]),
        start_seconds=first - used["started_at"] if isinstance(first, float) else None,
        start_cpu_seconds=float(str(told["start_cpu_seconds"] or 0)),
        commits=commits,
        told=totals,
    )


def _failed(command: Sequence[str], what: str, log: Path) -> ProgramFailedError:
    words = log.read_text(errors="replace")[-_WORDS:]
    return ProgramFailedError(f"{' '.join(command)} {what}; its output ends with:\n{words}")
