"""Another program that has a DuckDB file open."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_OPEN = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1], read_only=True)
print("open", flush=True)
sys.stdin.readline()
connection.close()
print("closed", flush=True)
"""


class LockHolder:
    """A process that reads the file until it is told to let go."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.pid = process.pid

    def begin_to_let_go(self) -> None:
        """Close the file, some moment soon."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def let_go(self) -> None:
        """Close the file; returns when it is closed."""
        self.begin_to_let_go()
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "closed\n"


@contextmanager
def lock_holder(path: Path) -> Iterator[LockHolder]:
    """Another program has the file open when the block begins, and not after its end."""
    with subprocess.Popen(
        [sys.executable, "-c", _OPEN, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        try:
            yield LockHolder(process)
        finally:
            process.kill()
