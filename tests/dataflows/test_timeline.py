from random import Random

from hypothesis import given
from hypothesis import strategies as st

from dataflows.timeline import MESSAGE, SIGN, USER_EVENT, Timeline
from schemas.events import ChatMessage, TopicPartition, UserEvent
from tests.builders import CHAT, GROUPS, USERS, Event, instant, message, online, user_event

Placed = tuple[TopicPartition, Event]


def added(timeline: Timeline, source: TopicPartition, *events: Event, mark: int = 0) -> Timeline:
    for event in events:
        if isinstance(event, UserEvent):
            timeline.add(source, USER_EVENT, [event], mark)
        else:
            timeline.add(source, MESSAGE, [event], mark)
    return timeline


def released(timeline: Timeline, until: float | None) -> list[Event]:
    instants = timeline.release(None if until is None else instant(until))
    return [placed[-1] for instant in instants for placed in instant.events]


def test_events_come_in_the_order_of_their_time() -> None:
    found = [message(at=3, offset=0), message(at=1, offset=1), message(at=2, offset=2)]
    timeline = added(Timeline(None), CHAT, *found)
    assert released(timeline, 10) == [found[1], found[2], found[0]]


def test_within_an_instant_the_earlier_record_comes_first() -> None:
    later, earlier = message(at=1, recorded_at=1.9), online("bob", 1.1)
    timeline = added(added(Timeline(None), CHAT, later), USERS, earlier)
    assert released(timeline, 10) == [earlier, later]


def test_of_records_of_one_instant_user_events_come_first() -> None:
    said, came = message(at=1), online("bob", 1)
    timeline = added(added(Timeline(None), CHAT, said), USERS, came)
    assert released(timeline, 10) == [came, said]


def test_only_whole_seconds_are_released() -> None:
    timeline = added(Timeline(None), CHAT, message(at=1), message(at=2, offset=1))
    assert len(released(timeline, 2.9)) == 1
    assert timeline.released_until == instant(2)
    assert len(released(timeline, 3)) == 1


def test_what_comes_late_is_handed_out_at_once() -> None:
    timeline = Timeline(None)
    assert released(timeline, 10) == []
    late = message(at=3)
    assert released(added(timeline, CHAT, late), 10) == [late]


def test_time_handed_out_never_goes_back() -> None:
    timeline = Timeline(instant(10))
    released(timeline, 5)
    assert timeline.released_until == instant(10)


def test_events_handed_out_by_an_earlier_execution_do_not_come_again() -> None:
    timeline = Timeline(instant(10))
    added(timeline, CHAT, message(at=9, offset=4), message(at=10, offset=5), mark=6)
    added(timeline, CHAT, message(at=9, offset=6), mark=6)
    assert [event.kafka_offset for event in released(timeline, 20)] == [6, 5]


def test_after_the_end_of_a_bounded_read_nothing_of_it_comes_again() -> None:
    timeline = added(Timeline(None), CHAT, message(at=9, offset=0))
    assert len(released(timeline, None)) == 1
    again = added(Timeline(timeline.released_until), CHAT, message(at=9, offset=0), mark=1)
    assert released(again, None) == []


def test_the_first_waiting_offset_of_each_partition_is_known() -> None:
    timeline = Timeline(None)
    added(timeline, CHAT, message(at=5, offset=7), message(at=1, offset=8), message(at=9, offset=9))
    added(timeline, USERS, online("ann", 1, offset=3))
    assert timeline.waiting_from() == {CHAT: 7, USERS: 3}
    released(timeline, 2)
    assert timeline.waiting_from() == {CHAT: 7}
    released(timeline, 6)
    assert timeline.waiting_from() == {CHAT: 9}
    released(timeline, None)
    assert timeline.waiting_from() == {}


def test_signs_of_life_come_first_and_apart() -> None:
    typing, came = user_event("user_typing", "bob", 1), online("bob", 1)
    timeline = added(Timeline(None), USERS, came)
    timeline.add(USERS, SIGN, [typing], 0)
    (found,) = timeline.release(None)
    assert (found.signs, [placed[-1] for placed in found.events]) == ([typing], [came])


PLACES = st.tuples(
    st.integers(0, 3000), st.integers(0, 2000), st.booleans(), st.sampled_from([CHAT, GROUPS])
)


def rule(placed: Placed) -> tuple[object, ...]:
    source, event = placed
    rank = isinstance(event, ChatMessage)
    return event.event_time, event.recorded_at, rank, source, event.kafka_offset


@given(st.lists(PLACES, max_size=30), st.integers(0, 99))
def test_the_order_is_the_rule_whatever_way_partitions_are_read(
    places: list[tuple[int, int, bool, TopicPartition]], seed: int
) -> None:
    found: list[Placed] = []
    for offset, (time, recorded, user, source) in enumerate(places):
        event = online("a") if user else message()
        times = {"event_time": instant(0) + time, "recorded_at": instant(0) + recorded}
        found.append((source, _with(event, kafka_offset=offset, **times)))
    timeline, order = Timeline(None), [source for source, _ in found]
    Random(seed).shuffle(order)
    waiting = {each: [event for source, event in found if source == each] for each in order}
    for source in order:
        added(timeline, source, waiting[source].pop(0))
    assert released(timeline, None) == [event for _, event in sorted(found, key=rule)]


def _with(event: Event, **changes: int) -> Event:
    fields = {name: getattr(event, name) for name in event.__struct_fields__}
    return type(event)(**{**fields, **changes})
