"""Keys end where the engine's own hash sends them."""

import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow
from bytewax.operators import StatefulBatchLogic
from bytewax.testing import TestingSink, TestingSource, cluster_main
from typing_extensions import override

from dataflows.routing import key_for, worker_of

_WORKERS = 3
_NAMES = ["", "0", "7 bytes", "8 bytes!", "ünïcödé", *(f"user-{number}" for number in range(60))]


class _Echo(StatefulBatchLogic[str, str, None]):
    @override
    def on_batch(self, values: list[str]) -> tuple[list[str], bool]:
        return values, StatefulBatchLogic.RETAIN

    @override
    def snapshot(self) -> None:
        return None


def test_the_engine_gives_a_key_to_the_worker_that_is_told() -> None:
    found: dict[str, int] = {}

    def note(step_id: str, item: tuple[str, str], epoch: int, worker: int) -> None:
        found[item[0]] = worker

    flow = Dataflow("routing")
    names = op.input("names", flow, TestingSource([(name, name) for name in _NAMES]))
    echoed = op.stateful_batch("echo", names, lambda state: _Echo())
    op.output("out", op.inspect_debug("note", echoed, note), TestingSink([]))
    cluster_main(flow, [], 0, worker_count_per_proc=_WORKERS)

    assert found == {name: worker_of(name, _WORKERS) for name in _NAMES}
    assert len(set(found.values())) == _WORKERS


@pytest.mark.parametrize("workers", [1, 2, 3, 8, 64])
def test_the_first_worker_gets_the_keys_that_are_made_for_it(workers: int) -> None:
    keys = [key_for(str(shard), workers) for shard in range(20)]

    assert {worker_of(key, workers) for key in keys} == {0}
    assert len(set(keys)) == len(keys)


def test_alone_a_key_is_its_name() -> None:
    assert key_for("0", 1) == "0"
