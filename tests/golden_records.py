"""The golden records into a broker, each to the topic and the partition that its heading names."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from confluent_kafka import Producer

_FILE = Path(__file__).resolve().parent / "golden" / "golden-records.txt"
_HEADING = re.compile(
    r"# .*?(?P<topic>chat-messages|user-events|group-messages)\b.*partition of 3: (?P<partition>\d)"
)


class GoldenRecord(NamedTuple):
    """What the chat server's producer wrote; recorded when it happened."""

    topic: str
    partition: int
    value: bytes
    timestamp_ms: int


def golden_records() -> Iterator[GoldenRecord]:
    """All of them, in the order of the file."""
    place = None
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            place = _HEADING.match(line)
            assert place is not None, "a heading names no topic or no partition"
        elif line:
            assert place is not None
            yield GoldenRecord(
                topic=place["topic"],
                partition=int(place["partition"]),
                value=line.encode(),
                timestamp_ms=json.loads(line)["timestamp"] * 1000,
            )


def produce_golden(bootstrap_servers: str, names: dict[str, str] | None = None) -> None:
    """Write them; `names` are the topics' names here, where they are others than the usual."""
    producer = Producer({"bootstrap.servers": bootstrap_servers, "log_level": 0, "linger.ms": 5})
    for golden in golden_records():
        producer.produce(
            (names or {}).get(golden.topic, golden.topic),
            value=golden.value,
            partition=golden.partition,
            timestamp=golden.timestamp_ms,
        )
    assert producer.flush(20) == 0, "golden records are still waiting to be sent"
