"""The rules of back-off and of the shared pause, without a clock or a loop."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.backoff import Backoff
from sinks.push_circuit import Circuit


def circuit(first: float = 1.0, longest: float = 60.0) -> Circuit:
    return Circuit(Backoff(first, longest, uniform=lambda _, ceiling: ceiling))


def fail(circuit: Circuit, times: int, at: float = 0.0) -> list[bool]:
    return [circuit.failed(at, "HTTP 500", None) for _ in range(times)]


@given(failures=st.integers(1, 10_000), first=st.floats(0.01, 10), longest=st.floats(10, 1000))
def test_a_delay_is_never_negative_nor_longer_than_the_longest(
    failures: int, first: float, longest: float
) -> None:
    assert 0.0 <= Backoff(first, longest).delay(failures) <= longest


def test_the_ceiling_of_delays_doubles_until_the_longest() -> None:
    backoff = Backoff(first=1.0, longest=6.0)
    assert [backoff.ceiling(failures) for failures in (1, 2, 3, 4, 9999)] == [1, 2, 4, 6, 6]


def test_a_few_failures_pause_nobody_else() -> None:
    tried = circuit()
    assert fail(tried, 4) == [False] * 4
    assert tried.admits(0.0, in_flight=9, concurrency=10)


def test_failures_in_a_row_pause_all() -> None:
    tried = circuit()
    assert fail(tried, 5)[-1]
    assert not tried.admits(0.9, in_flight=0, concurrency=10)


def test_an_answer_between_failures_starts_the_count_anew() -> None:
    tried = circuit()
    fail(tried, 4)
    tried.answered(0.0)
    assert fail(tried, 4) == [False] * 4


def test_attempts_that_were_under_way_do_not_lengthen_the_pause() -> None:
    tried = circuit()
    fail(tried, 5)
    assert fail(tried, 30, at=0.5) == [False] * 30
    assert tried.admits(1.0, in_flight=0, concurrency=10)


def test_after_a_pause_one_attempt_probes() -> None:
    tried = circuit()
    fail(tried, 5)
    assert tried.admits(1.0, in_flight=0, concurrency=10)
    assert not tried.admits(1.0, in_flight=1, concurrency=10)


def test_each_failed_probe_doubles_the_pause() -> None:
    tried = circuit()
    fail(tried, 5)
    assert fail(tried, 1, at=1.0) == [True]
    assert tried.remaining(1.0) == 2.0


def test_a_probe_that_is_answered_lets_all_through_again() -> None:
    tried = circuit()
    fail(tried, 5)
    assert tried.answered(1.0)
    assert tried.admits(1.0, in_flight=9, concurrency=10)
    assert not tried.answered(1.0)


def test_an_answer_to_an_earlier_attempt_does_not_end_a_pause() -> None:
    tried = circuit()
    tried.failed(0.0, "HTTP 429", retry_after=30.0)
    assert not tried.answered(1.0)
    assert not tried.admits(29.0, in_flight=0, concurrency=10)


def test_retry_after_pauses_all_at_once() -> None:
    tried = circuit()
    assert tried.failed(0.0, "HTTP 429", retry_after=30.0)
    assert not tried.admits(29.9, in_flight=0, concurrency=10)
    assert tried.admits(30.0, in_flight=0, concurrency=10)


def test_a_longer_retry_after_extends_a_pause() -> None:
    tried = circuit()
    tried.failed(0.0, "HTTP 429", retry_after=10.0)
    assert not tried.failed(1.0, "HTTP 429", retry_after=20.0)
    assert tried.remaining(1.0) == 20.0


@pytest.mark.parametrize("asked", [0.0, 0.5], ids=["at once", "less than the back-off"])
def test_retry_after_never_shortens_the_back_off(asked: float) -> None:
    tried = circuit()
    tried.failed(0.0, "HTTP 429", retry_after=asked)
    assert tried.remaining(0.0) == 1.0


def test_a_retry_after_of_days_is_tried_again_within_the_hour() -> None:
    tried = circuit()
    tried.failed(0.0, "HTTP 503", retry_after=999_999.0)
    assert tried.admits(3600.0, in_flight=0, concurrency=10)
