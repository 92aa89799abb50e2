"""The chat flow as a user runs it: a process of its own, told everything by its environment."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from tests.stored import Database, stored_messages

_PROJECT = Path(__file__).resolve().parent.parent
_PATIENCE = 120.0


class Finished(NamedTuple):
    """How a run ended; a signal that ended it is a negative status."""

    status: int
    words: str
    """All that it wrote on stdout and stderr."""


@dataclass(frozen=True)
class FlowSettings:
    """What a run of the flow is given; everything else is at its default."""

    bootstrap_servers: str
    folder: Path
    """Holds the store and the recovery folder."""
    group_id: str
    environment: Mapping[str, str] = field(default_factory=dict)
    recovery: bool = True
    """Whether to run with `-r`."""
    snapshot_seconds: int = 1
    stop_at_end: bool = True
    postgres_url: str = ""
    """The database to store in instead of a DuckDB file."""
    more_arguments: tuple[str, ...] = ()

    @property
    def store(self) -> Path:
        return self.folder / "chat.duckdb"

    @property
    def database(self) -> Database:
        """Where its rows are."""
        return self.postgres_url or self.store

    @property
    def recovery_folder(self) -> Path:
        return self.folder / "recovery"

    def but(self, **changes: object) -> "FlowSettings":
        """The same, but for some of it."""
        return replace(self, **changes)  # type: ignore[arg-type]  # fields by name

    def with_environment(self, **variables: str) -> "FlowSettings":
        """The same with more variables."""
        return replace(self, environment={**self.environment, **variables})

    def in_small_commits(self) -> "FlowSettings":
        """The same with a hundred commits instead of one or two: there is a middle to stop in."""
        return self.but(snapshot_seconds=0).with_environment(CHAT_SOURCE__BATCH_SIZE="100")

    def arguments(self) -> list[str]:
        """The command line, as in the manual."""
        command = [sys.executable, "-m", "bytewax.run", "dataflows.chat"]
        if self.recovery:
            command += ["-r", str(self.recovery_folder), "-b", "0"]
        # Without `-r` the engine takes 0 for ten seconds, and what is less for 0.
        seconds = self.snapshot_seconds or (0 if self.recovery else -1)
        return [*command, "-s", str(seconds), *self.more_arguments]

    def variables(self) -> dict[str, str]:
        """The environment, cleared of what the tests' own may say to the flow."""
        clean = {n: v for n, v in os.environ.items() if not n.startswith(("CHAT_", "BYTEWAX_"))}
        return {
            **clean,
            "CHAT_KAFKA__BROKERS": self.bootstrap_servers,
            "CHAT_KAFKA__CONSUMER__GROUP_ID": self.group_id,
            "CHAT_KAFKA__CONSUMER__STOP_AT_END": str(self.stop_at_end).lower(),
            "CHAT_KAFKA__CONSUMER__AUTO_OFFSET_RESET": "earliest",
            "CHAT_STORE__URL": self.postgres_url or f"duckdb:///{self.store}",
            "CHAT_LOG__LEVEL": "WARNING",
            "CHAT_METRICS__PORT": "0",
            **self.environment,
        }


class FlowProcess:
    """A running flow; leaving the `with` block kills it if it still runs."""

    def __init__(self, settings: FlowSettings) -> None:
        self._settings = settings
        settings.folder.mkdir(parents=True, exist_ok=True)
        self._log = (settings.folder / "flow.log").open("w+b")
        self._process = subprocess.Popen(
            settings.arguments(),
            cwd=_PROJECT,
            env=settings.variables(),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def __enter__(self) -> "FlowProcess":
        return self

    def __exit__(self, *error: object) -> None:
        if self.is_running:
            self._process.kill()
            self._process.wait()
        self._log.close()

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def wait(self) -> Finished:
        """Wait for its end."""
        status = self._process.wait(_PATIENCE)
        self._log.seek(0)
        return Finished(status, self._log.read().decode(errors="replace"))

    def send_signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def until_stored(self, messages: int) -> int:
        """Wait until the store holds so many messages, and say how many it holds.

        Returns earlier when the flow ends first.
        """
        deadline = time.monotonic() + _PATIENCE
        while (found := stored_messages(self._settings.database)) < messages and self.is_running:
            assert time.monotonic() < deadline, f"{found} of {messages} messages are stored"
            time.sleep(0.005)
        return found


def run_flow(settings: FlowSettings) -> Finished:
    """Run it to its own end."""
    with FlowProcess(settings) as flow:
        return flow.wait()


def kill_after(settings: FlowSettings, messages: int) -> None:
    """Run it and kill -9 it a little after a commit, when the next one is under way."""
    with FlowProcess(settings) as flow:
        stored = flow.until_stored(messages)
        time.sleep(0.02)
        assert flow.is_running, flow.wait().words
        flow.send_signal(signal.SIGKILL)
        assert flow.wait().status == -signal.SIGKILL
    assert stored >= messages
