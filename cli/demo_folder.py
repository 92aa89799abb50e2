"""The folder of a demo: what it holds, who uses it, and what of it may be thrown away."""

import contextlib
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import yaml

from config.errors import ChatflowError, ConfigurationError
from config.load import load_settings
from config.settings import Settings

_LOCK = "demo.lock"
"""Marks the folder as a demo's; locked while the demo or its flow runs."""
_DATABASE = "chat.duckdb"
_LOG = "flow.log"
_SETTINGS = "demo.yaml"
_DISCARDED = (_DATABASE, f"{_DATABASE}.wal", _LOG, _SETTINGS)

_HEADER = (
    "# The settings of the demo's flow, written by `chatflow demo`. Its broker ends with it.\n"
)


@dataclass(frozen=True)
class DemoFolder:
    """A folder that belongs to the running demo alone."""

    path: Path
    lock: TextIO
    """Whoever keeps it open keeps the folder: the flow inherits it."""

    @property
    def database(self) -> Path:
        """What the flow stores."""
        return self.path / _DATABASE

    @property
    def log(self) -> Path:
        """What the flow says."""
        return self.path / _LOG

    @property
    def settings_file(self) -> Path:
        """What the flow is told: nothing else, so that no setting of the user's reaches it."""
        return self.path / _SETTINGS

    def name_flow(self, process_id: int) -> None:
        """Note which process keeps the folder, should the flow outlive the demo."""
        self.lock.truncate(0)
        self.lock.write(str(process_id))
        self.lock.flush()

    def write_settings(self, brokers: str) -> Settings:
        """Write the settings of a flow that reads from these brokers; returns them as it will.

        Windows are short, so that somebody who watches sees them close.
        """
        written = {
            "kafka": {"brokers": [brokers], "consumer": {"auto_offset_reset": "earliest"}},
            "store": {"url": f"duckdb:///{self.database.absolute()}"},
            "source": {"idle_timeout": "1 s"},
            "stats": {"window_length": "10 s", "allowed_lateness": "2 s"},
            "metrics": {"port": 0},
        }
        text = _HEADER + yaml.safe_dump(written, sort_keys=False, allow_unicode=True)
        self.settings_file.write_text(text, encoding="utf-8")
        return load_settings({"CHAT_CONFIG": str(self.settings_file)})


@contextmanager
def claim(path: Path) -> Iterator[DemoFolder]:
    """Take the folder and throw away what the demo before left there, and nothing else.

    Raises:
        ConfigurationError: The folder holds something that is not a demo's, or cannot be used.
        ChatflowError: Another demo runs in it.
    """
    try:
        lock = _lock(path)
    except OSError as error:
        raise ConfigurationError(
            f"--folder: {error.filename} cannot be used: {error.strerror}"
        ) from error
    with lock:
        yield DemoFolder(path, lock)


def _lock(path: Path) -> TextIO:
    path.mkdir(parents=True, exist_ok=True)
    if not (path / _LOCK).is_file() and any(path.iterdir()):
        raise ConfigurationError(
            f"--folder: {path} holds something else than a demo; name a new or an empty folder"
        )
    with contextlib.ExitStack() as undo:
        lock = undo.enter_context((path / _LOCK).open("a+", encoding="utf-8"))
        _take(path, lock)
        for name in _DISCARDED:
            (path / name).unlink(missing_ok=True)
        undo.pop_all()
    return lock


def _take(path: Path, lock: TextIO) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.seek(0)
        flow = lock.read().strip()
        whose = f" (its flow is process {flow})" if flow else ""
        raise ChatflowError(
            f"another demo runs in {path}{whose}; end it, or name another --folder"
        ) from error
