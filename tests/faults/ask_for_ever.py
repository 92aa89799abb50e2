"""Asks brokers about topics, one of which may be gone, as often as the flow does in two hours.

Run as `python -m tests.faults.ask_for_ever BROKER TOPIC...` by a test: native code that goes wrong
ends a process. Writes, for each thread that asked, the topics whose end it was told of in the end.
"""

import sys
from concurrent.futures import ThreadPoolExecutor

from dataflows.broker import Brokers
from schemas.events import TopicPartition
from tests.traffic.reading import kafka_at

_THREADS = 4
_QUESTIONS = 14_400 // _THREADS
_PATIENCE = 2.0


def _ask(broker: str, topics: list[str]) -> list[str]:
    brokers = Brokers(kafka_at(broker, consumer={"group_id": "asks-for-ever"}))
    sources = [TopicPartition(topic, 0) for topic in topics]
    for _ in range(_QUESTIONS):
        seen = brokers.look(sources, _PATIENCE)
    return [source.topic for source in seen.ends]


def _main(broker: str, *topics: str) -> None:
    with ThreadPoolExecutor(_THREADS) as pool:
        for told in pool.map(_ask, [broker] * _THREADS, [list(topics)] * _THREADS):
            sys.stdout.write(" ".join(told) + "\n")


if __name__ == "__main__":
    _main(*sys.argv[1:])
