"""Rows are committed when all processes have come from one start, and not before."""

from typing import Any

import pytest

from config.errors import ChatflowError
from dataflows.roll_call import ClusterError, First, Present, RollCall
from dataflows.workers import Workers
from schemas.events import Progress
from tests.builders import CHAT
from tests.flow_runs import Collected

_TWO = ("a:1", "b:2")
_ROW = Progress(CHAT, 7, None)


def called(sink: Collected[Any], failures: list[ChatflowError] | None = None) -> Any:
    said = failures if failures is not None else []
    return RollCall(sink, Workers(0, _TWO), "now", said.append).build_part("store", "one", None)


def test_rows_of_processes_from_one_start_are_taken() -> None:
    sink: Collected[Any] = Collected()
    part = called(sink)

    part.write_batch([Present(1, "now"), _ROW])
    part.write_batch([Present(0, "now"), _ROW])
    part.snapshot()

    assert sink.items == [_ROW, _ROW]


def test_a_process_from_another_start_ends_the_flow_before_anything_is_committed() -> None:
    failures: list[ChatflowError] = []
    part = called(Collected(), failures)

    with pytest.raises(ClusterError, match="process 1 goes on from another start"):
        part.write_batch([Present(1, "before")])

    assert len(failures) == 1


def test_nothing_is_committed_without_a_process() -> None:
    part = called(Collected())
    part.write_batch([Present(0, "now"), _ROW])

    with pytest.raises(ClusterError, match="process 1 takes no part"):
        part.snapshot()


@pytest.mark.parametrize(("number", "parts"), [(0, ["one"]), (1, [])], ids=["first", "another"])
def test_only_the_first_process_has_sinks(number: int, parts: list[str]) -> None:
    workers = Workers(number, _TWO)

    assert First(Collected(), workers).list_parts() == parts
    assert RollCall(Collected(), workers, "now", lambda error: None).list_parts() == parts
