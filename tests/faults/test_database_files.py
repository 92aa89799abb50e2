"""The database file is removed, replaced, closed to the flow, or of another release."""

import os
import time
from pathlib import Path

import duckdb
import pytest

from sinks.lease import StoreError, open_for_writing
from sinks.migrate import Migration, migrate, migrations
from tests.faults.growing_chat import FaultyFlow, GrowingChat, embedded_chat
from tests.flow_process import FlowProcess, run_flow
from tests.stored import stored_messages
from traffic.embedded import EmbeddedBroker

VERSION = len(migrations("duckdb"))
"""Of the schema of this release."""

_RECOVERY = pytest.mark.parametrize("recovery", [True, False], ids=["with -r", "without -r"])
_BOUND = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search") if os.getuid() == 0 else ()
"""What takes from root the right to write where permissions forbid it."""


@pytest.fixture
def chat(embedded: EmbeddedBroker) -> GrowingChat:
    return embedded_chat(embedded, 31, 300)


@pytest.fixture
def flow(chat: GrowingChat, tmp_path: Path) -> FaultyFlow:
    """A flow that has stored all there was."""
    flow = chat.flow(tmp_path)
    assert run_flow(flow).status == 0
    return flow


def failed(flow: FaultyFlow) -> str:
    """Run it, and say the only line that it says before it ends with status 1."""
    status, words = run_flow(flow)
    (line,) = words.strip().splitlines()
    assert status == 1
    return line


@pytest.mark.parametrize("closed", ["the folder", "the file"])
def test_a_database_that_may_not_be_written_ends_the_flow_and_loses_nothing(
    chat: GrowingChat, flow: FaultyFlow, closed: str
) -> None:
    place = flow.store if closed == "the file" else flow.folder
    flow = flow.but(recovery=False)
    (flow.folder / "flow.log").touch()
    chat.grow(200)
    mode = place.stat().st_mode
    place.chmod(0o444 if closed == "the file" else 0o555)
    try:
        line = failed(flow.but(wrapper=_BOUND))
    finally:
        place.chmod(mode)

    assert line.startswith("chatflow: cannot ")
    assert "Permission denied" in line
    chat.check(flow)


def test_a_file_removed_between_two_runs_is_missed_with_the_folder_and_read_anew_without(
    chat: GrowingChat, flow: FaultyFlow
) -> None:
    flow.store.unlink()

    for _ in range(2):
        assert "has seen 0 commits, the recovery folder" in failed(flow)
    chat.check(flow.but(recovery=False))


@_RECOVERY
@pytest.mark.parametrize("replaced", [False, True], ids=["removed", "replaced by an older one"])
def test_a_file_that_goes_while_the_flow_runs_ends_it_before_anything_is_lost(
    chat: GrowingChat, flow: FaultyFlow, recovery: bool, replaced: bool
) -> None:
    copy = flow.folder / "copy.duckdb"
    copy.write_bytes(flow.store.read_bytes())
    with FlowProcess(flow.but(recovery=recovery).endless()) as running:
        before = stored_messages(flow.store)
        chat.grow(200)
        assert running.until_stored(before + 1) > before
        if replaced:
            # In one step: a flow that opens a file half written finds none that is valid.
            copy.replace(flow.store)
        else:
            flow.store.unlink()
        # A transaction that was open is written to the file that is gone; the next one is not.
        deadline = time.monotonic() + 60
        while running.is_running and time.monotonic() < deadline:
            chat.grow(20)
            time.sleep(0.2)
        status, words = running.wait()

    (line,) = words.strip().splitlines()
    assert status == 1
    assert "was removed" in line
    flow.forget_recovery()
    chat.check(flow)


def test_a_file_older_than_the_recovery_folder_is_refused_and_caught_up_without_it(
    chat: GrowingChat, flow: FaultyFlow
) -> None:
    old = flow.store.read_bytes()
    for _ in range(2):
        chat.grow(100)
        assert run_flow(flow).status == 0
    flow.store.write_bytes(old)

    assert "was removed or replaced by an older one" in failed(flow)
    flow.forget_recovery()
    chat.check(flow)


def test_a_file_newer_than_the_recovery_folder_is_gone_on_with(
    chat: GrowingChat, flow: FaultyFlow
) -> None:
    for _ in range(3):
        chat.grow(100)
        assert run_flow(flow.but(recovery=False)).status == 0
    chat.grow(100)

    chat.check(flow)


def test_a_file_of_a_newer_release_is_refused_with_both_versions_and_left_alone(
    chat: GrowingChat, flow: FaultyFlow
) -> None:
    with duckdb.connect(str(flow.store)) as database:
        database.execute("INSERT INTO schema_migrations (number, name) VALUES (99, 'later')")
    stored = flow.store.read_bytes()
    chat.grow(100)

    assert f"has schema version 99, this release knows {VERSION}" in failed(flow)
    assert flow.store.read_bytes() == stored
    with duckdb.connect(str(flow.store)) as database:
        database.execute("DELETE FROM schema_migrations WHERE number = 99")
    chat.check(flow)


def later(sql: str) -> list[Migration]:
    """The schema's history with one more step."""
    number = VERSION + 1
    return [*migrations("duckdb"), Migration(number, f"{number:04}_later.sql", sql)]


def test_a_file_of_an_older_release_is_migrated_with_its_rows(
    chat: GrowingChat, flow: FaultyFlow
) -> None:
    database = open_for_writing(flow.store, 5.0)
    steps = later("CREATE TABLE later (n INTEGER); INSERT INTO later SELECT count(*) FROM messages")
    for _ in range(2):
        migrate(database, "duckdb", steps)
    counted = database.execute("SELECT n FROM later").fetchall()
    database.close()

    assert counted == [(chat.expected().messages,)]


def test_a_migration_that_fails_leaves_the_file_as_it_was(
    chat: GrowingChat, flow: FaultyFlow
) -> None:
    database = open_for_writing(flow.store, 5.0)
    with pytest.raises(StoreError, match=f"cannot be brought to schema version {VERSION + 1}"):
        migrate(database, "duckdb", later("DELETE FROM messages; SELECT * FROM nowhere"))
    database.close()

    chat.check(flow)
