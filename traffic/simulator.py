"""A chat server's traffic out of nothing: a plan in, the same records every time out.

    chat ──► poison in between ──► some late ──► some twice ──► records

Each of the four draws from its own random numbers, so that the ratio of one changes nothing in
what the others do.
"""

import heapq
from collections.abc import Iterable, Iterator
from random import Random

from msgspec.structs import replace

from traffic.chat import Chat
from traffic.people import People, populate
from traffic.plan import Plan, SimulatedRecord, TopicKind
from traffic.poison import poison

_TOPICS = tuple(TopicKind)
_LATE_MS = 50, 1000
"""How late a late record is, at least and at most."""
_REPEATED_AFTER = 10
"""How many records at most stand between the two of a repeated one."""


def simulate(plan: Plan) -> Iterator[SimulatedRecord]:
    """Yield the plan's records in the order in which they are to be sent.

    `plan.events` records evenly spread over the plan's time, and the repeated ones on top.
    `recorded_at` never decreases, except that a repeated record has that of the first. A late
    record keeps the time in its envelope and is recorded up to a second after it, though never
    after the plan's end. A repeated record is the same in everything, as a producer's retry is.
    """
    chat = _with_poison(plan)
    late = _with_lateness(chat, _random(plan, "late"), plan.out_of_order_ratio, plan.end_ms)
    yield from _with_repeats(late, _random(plan, "repeated"), plan.duplicate_ratio)


def _random(plan: Plan, purpose: str) -> Random:
    # Seeded by text: that is hashed with SHA-512, the same in every process.
    return Random(f"{plan.seed} {purpose}")


def _with_poison(plan: Plan) -> Iterator[SimulatedRecord]:
    people = populate(_random(plan, "people"), plan.users, plan.groups, plan.largest_group)
    happen = Chat(_random(plan, "chat"), people, plan.presence_ratio).next
    random = _random(plan, "poison")
    start_ms, step_ms, ratio = plan.start_ms, 1000 / plan.rate, plan.poison_ratio
    for number in range(plan.events):
        at_ms = start_ms + int(number * step_ms)
        if random.random() < ratio:
            yield _poison(random, people, at_ms)
        else:
            yield happen(at_ms)


def _poison(random: Random, people: People, at_ms: int) -> SimulatedRecord:
    person = random.choice(people.all)
    value = poison(random, person.user_id, at_ms // 1000)
    return SimulatedRecord(random.choice(_TOPICS), person.key, value, at_ms)


def _with_lateness(
    records: Iterable[SimulatedRecord], random: Random, ratio: float, end_ms: int
) -> Iterator[SimulatedRecord]:
    """Hold some records back; each comes out when its time has come, stamped with that time."""
    held: list[tuple[int, int, SimulatedRecord]] = []
    chance = random.random
    for number, record in enumerate(records):
        while held and held[0][0] <= record.recorded_at:
            due, _, late = heapq.heappop(held)
            yield replace(late, recorded_at=due)
        if chance() < ratio:
            due = min(record.recorded_at + random.randint(*_LATE_MS), end_ms)
            heapq.heappush(held, (due, number, record))
        else:
            yield record
    for due, _, late in sorted(held, key=lambda entry: entry[:2]):
        yield replace(late, recorded_at=due)


def _with_repeats(
    records: Iterable[SimulatedRecord], random: Random, ratio: float
) -> Iterator[SimulatedRecord]:
    waiting: list[tuple[int, int, SimulatedRecord]] = []
    chance = random.random
    for number, record in enumerate(records):
        yield record
        while waiting and waiting[0][0] <= number:
            yield heapq.heappop(waiting)[2]
        if chance() < ratio:
            due = number + random.randint(1, _REPEATED_AFTER)
            heapq.heappush(waiting, (due, number, record))
    for _, _, record in sorted(waiting, key=lambda entry: entry[:2]):
        yield record
