from collections.abc import Mapping

import pytest

from cli.figures import COUNTED, Figures
from cli.watch import Rate, Watch
from schemas.events import TopicPartition

A, B = TopicPartition("chat-messages", 0), TopicPartition("user-events", 0)


def figures(messages: int, stored: Mapping[TopicPartition, int]) -> Figures:
    rows = {**dict.fromkeys(COUNTED, 0), "messages": messages}
    return Figures(rows=rows, stored=stored, settled={A: 1, B: 1})


def test_lag_adds_up_what_each_partition_has_beyond_its_mark() -> None:
    watch = Watch(lambda: {A: 10, B: 5}, lambda: figures(7, {A: 4}), began=100.0)
    frame = watch.look(103.0)
    assert (frame.elapsed, frame.records, frame.lag, frame.unsettled) == (3.0, 15, 11, 13)


def test_rate_of_rows_is_taken_between_commits() -> None:
    commits = [figures(0, {}), figures(100, {})]
    seen = iter([commits[0], commits[0], commits[1], commits[1]])
    watch = Watch(lambda: {}, lambda: next(seen), began=0.0)
    frames = [watch.look(now) for now in (0.0, 1.0, 2.0, 2.5)]
    assert [frame.row_rate for frame in frames] == [0.0, 0.0, 50.0, 50.0]


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([], 0.0),
        ([(0.0, 5)], 0.0),
        ([(0.0, 0), (0.5, 100)], 0.0),
        ([(0.0, 0), (2.0, 100)], 50.0),
        ([(0.0, 0), (10.0, 1000), (20.0, 1100)], 10.0),
    ],
    ids=["nothing", "one", "too short", "mean", "old samples do not count"],
)
def test_rate_is_that_of_the_last_seconds(
    samples: list[tuple[float, int]], expected: float
) -> None:
    rate = Rate()
    for now, count in samples:
        rate.add(now, count)
    assert rate.value == expected
