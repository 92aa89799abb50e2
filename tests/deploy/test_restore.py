"""A copy of the database, made beside the running flow, is all that a restore needs."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from tests.deploy.talk import EVENTS, talk
from tests.documents import ROOT, blocks
from tests.expectation import SUFFIX, TOPICS, Expectation, unhurried_flow, unhurried_rules
from tests.flow_process import FlowProcess, FlowSettings, run_flow
from traffic.embedded import EmbeddedBroker


def back_up(store: Path, copy: Path) -> None:
    """As the guide says, for this database."""
    [command] = [block for block in blocks("docs/operations.md", "sh") if "COPY FROM" in block]
    for written, here in (
        (".venv/bin/python", sys.executable),
        ("var/chat.duckdb", str(store)),
        ("var/copy.duckdb", str(copy)),
    ):
        assert written in command
        command = command.replace(written, here)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(["sh", "-ec", command], cwd=ROOT, env=environment, check=True)


def drained(flow: FlowProcess) -> int:
    flow.send_signal(signal.SIGTERM)
    return flow.wait().status


def test_restored_copy_catches_up_to_what_was_never_interrupted(
    embedded: EmbeddedBroker, tmp_path: Path
) -> None:
    flow: FlowSettings = unhurried_flow(embedded, tmp_path)
    copy = tmp_path / "copy.duckdb"
    talk(embedded, hours_ago=6)
    with FlowProcess(flow.but(stop_at_end=False)) as running:
        running.until_stored(1)
        back_up(flow.store, copy)
        talk(embedded, hours_ago=4)
        running.until_stored(EVENTS)  # more than there were messages before
        assert drained(running) == 0

    copy.replace(flow.store)
    shutil.rmtree(flow.recovery_folder)
    finished = run_flow(flow)

    assert finished.status == 0, finished.words
    expected = Expectation.of(embedded.bootstrap_servers, TOPICS, unhurried_rules())
    expected.check(flow, SUFFIX)
