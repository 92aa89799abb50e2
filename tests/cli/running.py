"""The command `chatflow` as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "cli.main")


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment, with the project importable from any folder."""
    return {**os.environ, "PYTHONPATH": str(PROJECT), **(more or {})}


def chatflow(
    *arguments: str, cwd: Path, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=cwd,
        env=environment(environ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def is_alive(process_id: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True
