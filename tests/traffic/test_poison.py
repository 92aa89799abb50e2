import pytest

from schemas.events import DeadLetter
from tests.traffic.plans import START, decoded
from traffic.plan import SimulatedRecord, TopicKind
from traffic.poison import PoisonKind, poison_value

SECOND = int(START.timestamp())


@pytest.mark.parametrize("topic", list(TopicKind))
@pytest.mark.parametrize("kind", list(PoisonKind))
def test_nobody_can_decode_it_in_any_topic(kind: PoisonKind, topic: TopicKind) -> None:
    value = poison_value(kind, "8f14e45f-ceea-467f-a0e6-000000000001", SECOND)
    record = SimulatedRecord(topic, b"key", value, SECOND * 1000)
    assert isinstance(decoded(record), DeadLetter)


def test_no_two_kinds_are_the_same() -> None:
    values = [poison_value(kind, "user", SECOND) for kind in PoisonKind]
    assert len(set(values)) == len(PoisonKind)
