"""Which request is next, which is dropped, and that memory stays bounded."""

from sinks.push_queue import PushQueue, Waiting
from tests.sinks.push_samples import START, ids, push, pushes


def take_all(queue: PushQueue, now: float = 0.0) -> list[Waiting]:
    taken = []
    while (waiting := queue.take(now)) is not None:
        taken.append(waiting)
    return taken


def test_requests_are_taken_in_order_of_arrival_and_urgent_ones_first() -> None:
    queue = PushQueue(10)
    queue.add([push(1), push(2), push(3, urgent=True), push(4, urgent=True)])
    assert ids([w.request for w in take_all(queue)]) == ["msg_3", "msg_4", "msg_1", "msg_2"]


def test_a_request_that_waits_already_is_dropped() -> None:
    queue = PushQueue(10)
    queue.add([push(1)])
    assert queue.add([push(1)]) == []
    assert len(queue) == 1


def test_a_request_that_was_done_recently_is_dropped() -> None:
    queue = PushQueue(10)
    queue.add([push(1)])
    [waiting] = take_all(queue)
    queue.done(waiting)
    queue.add([push(1)])
    assert len(queue) == 0


def test_only_as_many_done_requests_are_remembered_as_may_wait() -> None:
    queue = PushQueue(2)
    for request in pushes(3):
        queue.add([request])
        queue.done(take_all(queue)[0])
    queue.add(pushes(3))
    assert ids([w.request for w in take_all(queue)]) == ["msg_0"]


def test_requests_without_room_come_back_and_once_only() -> None:
    queue = PushQueue(2)
    assert ids(queue.add(pushes(4))) == ["msg_2", "msg_3"]
    assert queue.add(pushes(4)) == []
    assert len(queue) == 2


def test_a_request_being_attempted_keeps_its_room() -> None:
    queue = PushQueue(1)
    queue.add([push(1)])
    take_all(queue)
    assert ids(queue.add([push(2)])) == ["msg_2"]


def test_a_request_put_back_is_taken_when_it_is_due_and_not_before() -> None:
    queue = PushQueue(10)
    queue.add([push(1)])
    queue.put_back(take_all(queue)[0], due=5.0)
    assert take_all(queue, now=4.9) == []
    assert queue.next_due() == 5.0
    assert len(take_all(queue, now=5.0)) == 1


def test_a_retried_request_keeps_its_place_before_later_ones() -> None:
    queue = PushQueue(10)
    queue.add([push(1)])
    queue.put_back(take_all(queue)[0], due=1.0)
    queue.add([push(2)])
    assert ids([w.request for w in take_all(queue, now=2.0)]) == ["msg_1", "msg_2"]


def test_ready_and_delayed_requests_expire_and_those_being_attempted_do_not() -> None:
    queue = PushQueue(10)
    queue.add([push(number, expires_in=10) for number in (1, 2, 3)])
    attempted, delayed = queue.take(0.0), queue.take(0.0)
    assert attempted is not None
    assert delayed is not None
    queue.put_back(delayed, due=9e9)
    expired = queue.take_expired(START + 10)
    assert sorted(ids([w.request for w in expired])) == ["msg_2", "msg_3"]


def test_a_request_expires_at_its_instant_and_not_a_millisecond_earlier() -> None:
    queue = PushQueue(10)
    queue.add([push(1, expires_in=10), push(2, expires_in=20)])
    assert queue.take_expired(START + 9) == []
    assert ids([w.request for w in queue.take_expired(START + 10)]) == ["msg_1"]
    assert ids([w.request for w in queue.take_expired(START + 20)]) == ["msg_2"]
