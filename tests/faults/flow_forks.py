"""Flow processes forked from one that has imported everything: they start in a third of the time.

`python -m tests.faults.flow_forks` is that process. It reads one line of JSON for each flow, forks
it, writes its process id, and, when it has ended, its status. Each runs `python -m bytewax.run`
with the arguments and the environment of the line.
"""

import importlib
import json
import os
import runpy
import selectors
import signal
import subprocess
import sys
from pathlib import Path

from tests.flow_process import FlowSettings

_ROOT = Path(__file__).resolve().parent.parent.parent
_PATIENCE = 120.0


class Fork:
    """A flow that was started."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log
        self._status: int | None = None
        self.pid = self._number(_PATIENCE)
        assert self.pid is not None, "no flow was forked"

    def wait(self, seconds: float) -> int | None:
        """How it ended; None while it runs after so many seconds. A signal is negative."""
        if self._status is None:
            self._status = self._number(seconds)
        return self._status

    def kill(self) -> int:
        """Kill it, unless it has ended; says how it ended."""
        if self.wait(0) is None:
            assert self.pid is not None
            os.kill(self.pid, signal.SIGKILL)
        status = self.wait(_PATIENCE)
        assert status is not None, "a killed flow did not end"
        return status

    def words(self) -> str:
        """What it wrote."""
        return self._log.read_text(errors="replace")[-2000:]

    def _number(self, seconds: float) -> int | None:
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(seconds):
                return None
        return int(self._process.stdout.readline())


class FlowForks:
    """The process that forks flows, one at a time."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / "fork.log"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.flow_forks"],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,  # a line that waits in a buffer would not be selected
        )

    def start(self, settings: FlowSettings) -> Fork:
        """Start a flow; the one before it has ended."""
        words = settings.arguments()
        line = {"argv": words[2:], "environ": settings.variables(), "log": str(self._log)}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(line).encode() + b"\n")
        return Fork(self._process, self._log)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()


def _become(argv: list[str], environ: dict[str, str], log: str) -> None:
    """Run the flow in this process, and end with it."""
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    nowhere = os.open(os.devnull, os.O_RDONLY)
    for number, target in ((nowhere, 0), (written, 1), (written, 2)):
        os.dup2(number, target)
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = argv
    try:
        runpy.run_module("bytewax.run", run_name="__main__", alter_sys=True)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def _serve() -> None:
    for name in ("bytewax.run", "dataflows.chat", "tests.faults.killed_flow"):
        importlib.import_module(name)
    sys.modules.pop("bytewax.run")
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    for line in sys.stdin:
        if not (pid := os.fork()):
            _become(**json.loads(line))
        answers.write(f"{pid}\n")
        _, status = os.waitpid(pid, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")


if __name__ == "__main__":
    _serve()
