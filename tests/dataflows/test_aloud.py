"""Whatever a step raises is said where it is raised, once for each step that it passes."""

from collections.abc import Callable, Iterable

import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow, Stream
from bytewax.errors import BytewaxRuntimeError
from bytewax.operators import StatefulBatchLogic
from bytewax.outputs import StatefulSinkPartition
from bytewax.testing import TestingSource, run_main
from typing_extensions import override

from dataflows.aloud import say_errors
from dataflows.lost_peers import in_words
from dataflows.workers import Workers
from tests.flow_runs import Collected


class _Logic(StatefulBatchLogic[int, int, None]):
    @override
    def on_batch(self, values: list[int]) -> tuple[Iterable[int], bool]:
        raise LookupError("in a logic")

    @override
    def snapshot(self) -> None:
        return None


def _sink() -> Collected[int]:
    return Collected()


class _BadSink(Collected[int]):
    @override
    def build_part(
        self, step_id: str, for_part: str, resume_state: None
    ) -> StatefulSinkPartition[int, None]:
        part = super().build_part(step_id, for_part, resume_state)
        part.write_batch = _raise  # type: ignore[method-assign, assignment]  # the shortest bad part
        return part


def _raise(values: object) -> Iterable[int]:
    raise LookupError("in a call")


def in_a_mapper(numbers: Stream[int]) -> Dataflow:
    op.output("out", op.key_on("key", op.flat_map("bad", numbers, _raise), str), _sink())
    return numbers.flow()


def in_a_logic(numbers: Stream[int]) -> Dataflow:
    keyed = op.key_on("key", numbers, str)
    op.output("out", op.stateful_batch("bad", keyed, lambda state: _Logic()), _sink())
    return numbers.flow()


def in_a_sink(numbers: Stream[int]) -> Dataflow:
    op.output("out", op.key_on("key", numbers, str), _BadSink())
    return numbers.flow()


def in_a_source(numbers: Stream[int]) -> Dataflow:
    op.output("out", op.key_on("key", numbers, str), _sink())
    return numbers.flow()


def _one_more() -> Iterable[int]:
    yield 1
    raise LookupError("in a source")


@pytest.mark.parametrize("drawn", [in_a_mapper, in_a_logic, in_a_sink, in_a_source])
def test_an_error_is_said(drawn: Callable[[Stream[int]], Dataflow]) -> None:
    said: list[Exception] = []
    flow = Dataflow("aloud")
    numbers: Iterable[int] = _one_more() if drawn is in_a_source else [1]
    source: Stream[int] = op.input("numbers", flow, TestingSource(numbers))

    with pytest.raises((LookupError, BytewaxRuntimeError)):
        run_main(say_errors(drawn(source), said.append))

    assert [type(error) for error in said][:1] == [LookupError]


def test_a_flow_without_errors_runs_as_before() -> None:
    said: list[Exception] = []
    sink: Collected[int] = Collected()
    flow = Dataflow("aloud")
    numbers = op.input("numbers", flow, TestingSource([1, 2]))
    op.output("out", op.key_on("key", numbers, str), sink)

    run_main(say_errors(flow, said.append))

    assert (sink.items, said) == ([1, 2], [])


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Send thread panic: Any { .. }", "another process of the flow has ended"),
        ("panicked at …/timely-dataflow-4c/…:55:48:\nMergeQueue poisoned.", "another process"),
        (
            "(src/run.rs:274:10) error building timely communication pipeline\nCaused by =>"
            " Exception: failed to initialize networking: Address already in use (os error 98)",
            r"process 1 cannot connect the addresses a:1;b:2 of -a \(Address already in use\)",
        ),
    ],
    ids=["send", "queue", "port"],
)
def test_what_the_engine_says_of_other_processes_is_put_into_words(said: str, words: str) -> None:
    found = in_words(RuntimeError(said), workers=Workers(1, ("a:1", "b:2")))

    assert found is not None
    with pytest.raises(type(found), match=words):
        raise found


def test_an_error_about_nobody_else_stays_what_it_is() -> None:
    assert in_words(ValueError("a defect"), workers=Workers(1, ("a:1", "b:2"))) is None
