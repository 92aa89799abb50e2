"""Samples of a profile become shares of the parts of the flow."""

from collections.abc import Mapping

import pytest

from benchmarks.measure import ROOT
from benchmarks.profile import BY_FILE, shares

_RUN = "<module> (run.py:355)"
_DECODER = "Decoder.__call__ (dataflows/decode.py:150)"


def of(*samples: str) -> Mapping[str, Mapping[str, int]]:
    return {part: dict(counts) for part, counts in shares(samples).items()}


@pytest.mark.parametrize(
    ("innermost", "part", "function"),
    [
        (f"{_RUN};{_DECODER};decode_all (schemas/decoding.py:79)", "decoding", "decode_all"),
        (f"{_RUN};JoinLogic._go_on (dataflows/join.py:139)", "presence", "_go_on"),
        (f"{_RUN};_decide (dataflows/push.py:84)", "push", "_decide"),
        (_RUN, "the engine", "<module>"),
    ],
)
def test_a_sample_belongs_to_the_part_whose_code_runs(
    innermost: str, part: str, function: str
) -> None:
    assert of(f"{innermost} 7") == {part: {f"`{function}`": 7}}


def test_what_another_library_does_belongs_to_the_part_that_called_it() -> None:
    found = of(f"{_RUN};{_DECODER};anything (elsewhere/library.py:1) 3")

    assert found == {"decoding": {"`__call__`": 3}}


def test_the_end_of_an_epoch_is_told_apart_whoever_is_called_from_there() -> None:
    end = "JoinLogic.snapshot (dataflows/join.py:118)"

    found = of(f"{_RUN};{end};_array (sinks/arrow.py:43) 2", f"{_RUN};{end} 1")

    [(part, functions)] = found.items()
    assert part.startswith("the end of an epoch")
    assert sum(functions.values()) == 3


def test_threads_that_wait_are_no_part_of_the_flow() -> None:
    begin, work = (
        "Thread._bootstrap (threading.py:1002)",
        "_worker (concurrent/futures/thread.py:83)",
    )

    found = of(
        f"{begin};Reach._run (dataflows/reach.py:80) 9",
        f"{begin};{work} 9",
        f"{begin};{work};_write (sinks/duckdb_writer.py:140) 2",
    )

    assert found == {"the writer's thread: DuckDB": {"`_write`": 2}}


def test_samples_of_the_same_place_add_up() -> None:
    line = f"{_RUN};Windows.add (dataflows/windows.py:73)"

    assert of(f"{line} 2", f"{line} 5") == {"stats": {"`add`": 7}}


def test_every_file_that_a_part_is_told_by_is_there() -> None:
    ours = [
        place
        for place in BY_FILE
        if place.split("/")[0] in ("dataflows", "native", "schemas", "sinks")
    ]

    assert [place for place in ours if not (ROOT / place).exists()] == []
