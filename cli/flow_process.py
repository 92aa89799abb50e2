"""The flow as a child process: started as a user would, drained at the end, never left behind."""

import os
import signal
import subprocess
import sys
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Self

import dataflows
from cli.demo_folder import DemoFolder
from config.errors import ChatflowError

_COMMAND = ("-m", "bytewax.run", "dataflows.chat", "-s", "1")
_PROJECT = Path(dataflows.__file__).parents[1]
_PATIENCE = 30.0
"""Seconds the flow has to drain."""
_LAST_LINES = 12


class FlowEndedError(ChatflowError):
    """The flow ended, or did not end, when it should not; quotes the last lines of its log."""


class FlowProcess:
    """`python -m bytewax.run dataflows.chat` on a demo's settings, alive inside a `with` block.

    Nothing of the user's own configuration reaches it. It has a process group of its own: Ctrl-C
    in a terminal is for the demo, which drains the flow when it is ready to.
    """

    def __init__(self, folder: DemoFolder) -> None:
        self._folder = folder

    def __enter__(self) -> Self:
        folder = self._folder
        foreign = ("CHAT_", "BYTEWAX_")
        environ = {key: text for key, text in os.environ.items() if not key.startswith(foreign)}
        with folder.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, *_COMMAND],
                cwd=_PROJECT,
                env={**environ, "CHAT_CONFIG": str(folder.settings_file.absolute())},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
                pass_fds=(folder.lock.fileno(),),
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    @property
    def process_id(self) -> int:
        """Whom to end, should the flow outlive the demo."""
        return self._process.pid

    def check(self) -> None:
        """Raise when the flow is not running any more.

        Raises:
            FlowEndedError: It ended by itself.
        """
        status = self._process.poll()
        if status is not None:
            raise FlowEndedError(f"the flow ended {_how(status)}; {self._last_words()}")

    def drain(self) -> None:
        """Let the flow store what it has read, and end.

        Raises:
            FlowEndedError: It takes too long, or its exit status is not 0.
        """
        self.check()
        self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            raise FlowEndedError(
                f"the flow did not end within {_PATIENCE:.0f} s of SIGTERM; {self._last_words()}"
            ) from None
        if status:
            raise FlowEndedError(f"SIGTERM ended the flow {_how(status)}; {self._last_words()}")

    def _last_words(self) -> str:
        with self._folder.log.open(encoding="utf-8", errors="replace") as log:
            lines = deque(log, _LAST_LINES)
        if not lines:
            return f"its log {self._folder.log} is empty"
        return (
            f"the end of its log {self._folder.log}:\n" + "".join(f"  {x}" for x in lines).rstrip()
        )


def _how(status: int) -> str:
    if status < 0:
        return f"by {signal.Signals(-status).name}"
    return f"with exit status {status}"
