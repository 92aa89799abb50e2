import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from config.errors import ConfigurationError
from schemas.events import DeadLetter
from tests.traffic.plans import decoded, plan
from traffic.plan import SimulatedRecord, TopicKind
from traffic.simulator import simulate

_PRINT_DIGEST = """
import hashlib
from tests.traffic.plans import plan
from traffic.simulator import simulate
records = simulate(plan(poison_ratio=0.1, duplicate_ratio=0.1, out_of_order_ratio=0.1))
print(hashlib.sha256(repr(list(records)).encode()).hexdigest())
"""


def event_second(record: SimulatedRecord) -> int:
    timestamp = json.loads(record.value or b"")["timestamp"]
    assert isinstance(timestamp, int)
    return timestamp


@pytest.mark.parametrize("hash_seed", ["0", "12345"])
def test_same_plan_is_the_same_records_in_another_process(hash_seed: str) -> None:
    here = simulate(plan(poison_ratio=0.1, duplicate_ratio=0.1, out_of_order_ratio=0.1))
    digest = hashlib.sha256(repr(list(here)).encode()).hexdigest()
    there = subprocess.run(
        [sys.executable, "-c", _PRINT_DIGEST],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.strip() == digest


def test_another_seed_is_other_people() -> None:
    first, second = ({r.key for r in simulate(plan(seed=seed))} for seed in (1, 2))
    assert not first & second


def test_plan_says_how_many_events_and_when() -> None:
    of = plan(rate=7.5, seconds=10)
    records = list(simulate(of))
    assert len(records) == 75
    assert records[0].recorded_at == of.start_ms
    assert {b.recorded_at - a.recorded_at for a, b in pairwise(records)} == {133, 134}


def test_later_start_moves_every_record_and_changes_nothing_else() -> None:
    first = plan()
    shifted = replace(first, start=first.start.replace(year=2026))
    for a, b in zip(simulate(first), simulate(shifted), strict=True):
        assert b.recorded_at - a.recorded_at == shifted.start_ms - first.start_ms
        assert (a.topic, a.key) == (b.topic, b.key)


def test_every_record_can_be_decoded() -> None:
    assert not [r for r in simulate(plan()) if isinstance(decoded(r), DeadLetter)]


def test_poison_is_the_part_that_was_asked_for_and_cannot_be_decoded() -> None:
    records = list(simulate(plan(poison_ratio=0.2)))
    poisoned = [record for record in records if isinstance(decoded(record), DeadLetter)]
    assert len(records) == plan().events
    assert len(poisoned) / len(records) == pytest.approx(0.2, abs=0.03)
    assert {record.topic for record in poisoned} == set(TopicKind)


def test_repeated_record_is_the_same_and_comes_a_few_records_later() -> None:
    records = list(simulate(plan(duplicate_ratio=0.1, seconds=20)))
    places: dict[SimulatedRecord, list[int]] = {}
    for place, record in enumerate(records):
        places.setdefault(record, []).append(place)
    repeated = [found for found in places.values() if len(found) > 1]
    assert len(places) == plan(seconds=20).events
    assert len(repeated) / len(places) == pytest.approx(0.1, abs=0.03)
    assert all(len(found) == 2 and 1 <= found[1] - found[0] <= 20 for found in repeated)


def test_repeats_only_add_to_what_is_sent_without_them() -> None:
    with_repeats = list(dict.fromkeys(simulate(plan(duplicate_ratio=0.1, out_of_order_ratio=0.1))))
    assert with_repeats == list(simulate(plan(out_of_order_ratio=0.1)))


def test_late_record_keeps_its_event_time_and_is_recorded_within_a_second() -> None:
    of = plan(out_of_order_ratio=0.2)
    records = list(simulate(of))
    in_time = Counter((r.topic, r.key, r.value) for r in simulate(plan()))
    assert Counter((r.topic, r.key, r.value) for r in records) == in_time
    assert all(a.recorded_at <= b.recorded_at for a, b in pairwise(records))
    lateness = [record.recorded_at - event_second(record) * 1000 for record in records]
    assert min(lateness) >= 0
    assert 1000 < max(lateness) < 2000


def test_part_of_the_events_that_are_late_is_the_one_asked_for() -> None:
    slots = {of.start_ms + number * 20 for of in [plan()] for number in range(of.events)}
    late = [r for r in simulate(plan(out_of_order_ratio=0.2)) if r.recorded_at not in slots]
    # One late record in twenty falls on the instant of another event.
    assert len(late) / plan().events == pytest.approx(0.2 * 0.95, abs=0.03)


def test_nothing_is_recorded_after_the_end() -> None:
    of = plan(out_of_order_ratio=1.0)
    assert max(record.recorded_at for record in simulate(of)) == of.end_ms


def test_no_events_are_no_records() -> None:
    assert list(simulate(plan(seconds=0))) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rate": 0.0}, "rate must be above 0"),
        ({"rate": float("nan")}, "rate must be above 0"),
        ({"seconds": -1.0}, "seconds must be 0 or more"),
        ({"users": 1}, "users must be 2 or more"),
        ({"groups": 0}, "groups must be 1 or more"),
        ({"poison_ratio": 1.5}, "poison_ratio must lie between 0 and 1"),
        ({"start": plan().start.replace(tzinfo=None)}, "start needs a time zone"),
    ],
    ids=["rate", "no rate", "seconds", "users", "groups", "ratio", "zone"],
)
def test_impossible_plan_is_refused_in_words(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        plan(**changes)
