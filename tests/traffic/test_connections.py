from random import Random

from traffic.connections import Connections
from traffic.people import populate

ANN, BOB = populate(Random(1), users=2, groups=1, largest_group=2).all


def test_person_has_two_devices_at_most_on_different_workers() -> None:
    for seed in range(100):
        connections = Connections(Random(seed))
        first, second = connections.open(ANN, 1_000), connections.open(ANN, 2_000)
        assert first.worker != second.worker
        assert not connections.may_open(ANN)
        assert connections.may_open(BOB)


def test_older_device_is_used_until_it_is_closed() -> None:
    connections = Connections(Random(1))
    devices = [connections.open(ANN, 1_000), connections.open(ANN, 2_000)]
    assert connections.of(ANN) is devices[0]
    devices.remove(connections.close_any())
    assert connections.of(ANN) is devices[0] is connections.any()
    connections.close_any()
    assert connections.of(ANN) is None
    assert len(connections) == 0


def test_every_live_session_can_be_closed_once() -> None:
    connections = Connections(Random(1))
    opened = {connections.open(person, 1_000).address for person in (ANN, BOB, ANN)}
    assert {connections.close_any().address for _ in range(3)} == opened
