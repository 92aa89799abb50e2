import pytest
from confluent_kafka import Producer

from inspection.partitioners import crc32, fnv1a, murmur2
from tests.traffic.reading import read_topic
from traffic.embedded import EmbeddedBroker

KEYS = [b"a", b"ab", b"abc", b"abcd", "王芳".encode(), *(f"user-{n}".encode() for n in range(300))]
RULES = {"fnv1a": fnv1a, "murmur2": murmur2, "consistent": crc32}


@pytest.mark.parametrize("name", RULES)
def test_each_rule_puts_keys_where_the_client_puts_them(name: str) -> None:
    with EmbeddedBroker(["keyed"], partitions=7) as broker:
        where = {"bootstrap.servers": broker.bootstrap_servers, "partitioner": name, "log_level": 0}
        producer = Producer(where)
        for key in KEYS:
            producer.produce("keyed", b"", key)
        assert producer.flush(10) == 0
        found = {
            record.key(): record.partition()
            for record in read_topic(broker.bootstrap_servers, "keyed")
        }
    assert found == {key: RULES[name](key, 7) for key in KEYS}
