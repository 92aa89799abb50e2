"""A dump of Postgres, made beside the running flow, is all that a restore needs."""

import os
import signal
import subprocess
from pathlib import Path

from tests.deploy.talk import EVENTS, talk
from tests.documents import blocks
from tests.expectation import SUFFIX, TOPICS, Expectation, unhurried_flow, unhurried_rules
from tests.flow_process import FlowProcess, run_flow
from tests.postgres_server import PostgresServer
from traffic.embedded import EmbeddedBroker


def as_the_guide_says(program: str, server: PostgresServer, folder: Path, **urls: str) -> None:
    """Run the guide's command of a program of Postgres, in this folder."""
    lines = [line for block in blocks("docs/operations.md", "sh") for line in block.splitlines()]
    [command] = [line for line in lines if line.startswith(f"{program} ")]
    path = os.pathsep.join([str(server.programs), os.environ["PATH"]])
    environment = {**os.environ, **urls, "PATH": path}
    subprocess.run(["sh", "-euc", command], cwd=folder, env=environment, check=True)


def test_restored_dump_catches_up_to_what_was_never_interrupted(
    embedded: EmbeddedBroker, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    url, restored = postgres_server.create_database(), postgres_server.create_database()
    flow = unhurried_flow(embedded, tmp_path).but(recovery=False)
    talk(embedded, hours_ago=6)
    with FlowProcess(flow.but(postgres_url=url, stop_at_end=False)) as running:
        running.until_stored(1)
        as_the_guide_says("pg_dump", postgres_server, tmp_path, DATABASE_URL=url)
        talk(embedded, hours_ago=4)
        running.until_stored(EVENTS)  # more than there were messages before
        running.send_signal(signal.SIGTERM)
        assert running.wait().status == 0

    as_the_guide_says("pg_restore", postgres_server, tmp_path, RESTORED_URL=restored)
    later = flow.but(postgres_url=restored)
    finished = run_flow(later)

    assert finished.status == 0, finished.words
    expected = Expectation.of(embedded.bootstrap_servers, TOPICS, unhurried_rules())
    expected.check(later, SUFFIX)
