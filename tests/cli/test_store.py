"""`chatflow store` as an operator runs it, on a file and on a server."""

from pathlib import Path

import pytest

from schemas.rows import Rows
from schemas.tables import MESSAGE_STATS
from sinks.migrate import migrations
from tests.builders import instant
from tests.cli.running import chatflow
from tests.places import DuckDBPlace, Place, PostgresPlace
from tests.sinks.stores import run, sent

CLOSED = Rows.of(
    MESSAGE_STATS, [(instant(0), instant(9 * 86_400), "message", 1, "", 3, 1, 6, True, 0)]
)


@pytest.fixture
def environ(database: DuckDBPlace | PostgresPlace) -> dict[str, str]:
    return {"CHAT_STORE__URL": database.url}


def test_status_names_tables_marks_and_the_last_commit(
    database: Place, environ: dict[str, str], tmp_path: Path
) -> None:
    run(database, sent(0, 1, 2))
    told = chatflow("store", "status", cwd=tmp_path, environ=environ)
    assert told.returncode == 0, told.stderr
    lines = told.stdout.splitlines()
    version = len(migrations(database.name))
    assert lines[1] == f"schema    version {version}, this release's is {version}"
    assert lines[2].startswith("commits   1, the last one at 20")
    assert lines[-1].split() == ["store", "chat-messages", "[0]", "3"]
    assert {line.split()[0] for line in lines if line} >= {"messages", "presence", "flow_state"}


def test_maintain_lets_go_of_what_the_settings_do_not_keep(
    database: Place, environ: dict[str, str], tmp_path: Path
) -> None:
    run(database, [*sent(0), CLOSED])
    kept = {**environ, "CHAT_STORE__RETENTION": "36500d"}
    assert "is kept" in chatflow("store", "maintain", cwd=tmp_path, environ=kept).stdout
    assert database.query("SELECT count(*) FROM messages") == [(1,)]
    gone = {**environ, "CHAT_STORE__RETENTION": "1d", "CHAT_STORE__PARTITION_BY": "day"}
    chatflow("store", "maintain", "--checkpoint", cwd=tmp_path, environ=gone)
    assert database.query("SELECT count(*) FROM messages") == [(0,)]


def test_a_store_that_is_not_there_is_an_error_in_words(
    database: Place, environ: dict[str, str], tmp_path: Path
) -> None:
    told = chatflow("store", "maintain", cwd=tmp_path, environ=environ)
    assert told.returncode == 1
    assert told.stderr.startswith("chatflow: ")
    assert len(told.stderr.splitlines()) == 1
    migrated = chatflow("store", "migrate", cwd=tmp_path, environ=environ).stdout
    assert f"schema version {len(migrations(database.name))}" in migrated


def test_a_retention_shorter_than_a_day_is_a_mistake_of_the_settings(tmp_path: Path) -> None:
    told = chatflow("store", "status", cwd=tmp_path, environ={"CHAT_STORE__RETENTION": "23h"})
    assert told.returncode == 2
    assert "store.retention must be at least 1 d" in told.stderr
