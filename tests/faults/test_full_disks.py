"""Disks without room: for the database, for the engine's recovery folder, for the log."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.growing_chat import FaultyFlow, GrowingChat, embedded_chat, failed
from tests.flow_process import FlowProcess, run_flow
from tests.small_disk import fill, small_disk
from traffic.embedded import EmbeddedBroker


@pytest.fixture
def chat(embedded: EmbeddedBroker) -> GrowingChat:
    return embedded_chat(embedded, 21, 300)


@pytest.fixture
def flow(chat: GrowingChat, tmp_path: Path) -> FaultyFlow:
    return chat.flow(tmp_path / "flow")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 8) as folder:
        yield folder


@pytest.fixture
def flow_with_recovery_there(flow: FaultyFlow, disk: Path) -> FaultyFlow:
    """Its database is elsewhere, where there is room."""
    flow.folder.mkdir()
    flow.recovery_folder.symlink_to(disk)
    return flow


def test_a_full_disk_ends_the_flow_and_with_room_it_goes_on_exactly(
    chat: GrowingChat, flow: FaultyFlow, disk: Path
) -> None:
    flow = flow.but(folder=disk, recovery=False)
    (disk / "flow.log").symlink_to(disk.with_name("flow.log"))
    assert run_flow(flow).status == 0
    chat.grow(2000)
    stuffing = fill(disk)

    line = failed(flow)
    stuffing.unlink()

    assert re.search(r"^chatflow: cannot .* the database .*No space left", line)
    chat.check(flow)


@pytest.mark.parametrize("runs_before", [0, 1])
def test_no_room_for_the_recovery_folder_is_said_at_the_start(
    chat: GrowingChat, flow_with_recovery_there: FaultyFlow, disk: Path, runs_before: int
) -> None:
    for _ in range(runs_before):
        assert run_flow(flow_with_recovery_there).status == 0
    stuffing = fill(disk)

    line = failed(flow_with_recovery_there)
    stuffing.unlink()

    assert re.search(r"^chatflow: the recovery folder .* cannot be written: .*Make room", line)
    chat.check(flow_with_recovery_there)


def test_no_room_for_the_recovery_folder_ends_the_running_flow_in_words(
    chat: GrowingChat, flow_with_recovery_there: FaultyFlow, disk: Path
) -> None:
    with FlowProcess(flow_with_recovery_there.endless()) as running:
        running.until_stored(1)
        stuffing = fill(disk)
        chat.grow(500)
        status, words = running.wait()
    stuffing.unlink()

    (line,) = words.strip().splitlines()
    assert status == 1
    assert re.search(r"^chatflow: the recovery folder .* cannot be written: .* is full", line)
    chat.check(flow_with_recovery_there)


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_log_without_room_loses_its_lines_and_nothing_else(
    chat: GrowingChat, flow: FaultyFlow, form: str
) -> None:
    speaking = flow.with_environment(CHAT_LOG__LEVEL="INFO", CHAT_LOG__FORMAT=form)
    without_room = ("sh", "-c", 'exec "$@" 2> /dev/full', "sh")
    assert run_flow(speaking.but(wrapper=without_room)) == (0, "")
    chat.check(flow)
