"""The map as the engine sees it: a renamed step would lose what is stored under its name."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bytewax.dataflow import Dataflow
from bytewax.visualize import to_json, to_mermaid

from config.settings import Settings
from dataflows.chat import build
from dataflows.launch import Sinks
from schemas.directory import Directory
from tests.flow_runs import Batches, Collected

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "step-ids.txt"


@pytest.fixture
def flow() -> Dataflow:
    return build(Batches([]), Sinks(Collected(), Collected(), Collected()), Settings(), Directory())


def stateful(node: dict[str, Any]) -> list[str]:
    """The ids of the steps inside this one that keep state, in order."""
    inner = [step_id for step in node["substeps"] for step_id in stateful(step)]
    keeps = node.get("op_type") in ("input", "stateful_batch", "output")
    return [node["step_id"], *inner] if keeps else inner


def test_state_is_stored_under_the_names_it_always_was(flow: Dataflow) -> None:
    assert stateful(json.loads(to_json(flow))) == GOLDEN.read_text().splitlines()


def test_the_map_shows_the_steps_by_their_words(flow: Dataflow) -> None:
    drawn = to_mermaid(flow)
    words = ("source", "decode", "branch", "stats", "presence", "push", "persist", "store")
    assert [word for word in words if f"chat.{word}" not in drawn] == []


def test_importing_the_map_needs_no_settings_and_opens_nothing() -> None:
    environ = {**os.environ, "CHAT_CONFIG": "/nowhere.yaml"}
    program = "import dataflows.chat, threading; print(threading.active_count())"
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environ
    )
    assert (found.stdout, found.stderr) == ("1\n", "")
