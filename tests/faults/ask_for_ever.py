"""Asks brokers about topics, one of which is gone, as often as the flow does in two hours.

Run as `python -m tests.faults.ask_for_ever BROKER TOPIC GONE` by a test, because native code that
goes wrong ends a process. Says whether the end of the topic that is there was told every time.
"""

import sys
from concurrent.futures import ThreadPoolExecutor

from dataflows.broker import Brokers
from schemas.events import TopicPartition
from tests.traffic.reading import kafka_at

_THREADS = 4
_QUESTIONS = 14_400
_PATIENCE = 2.0


def _main(broker: str, topic: str, gone: str) -> None:
    brokers = Brokers(kafka_at(broker, consumer={"group_id": "asks-for-ever"}))
    there = TopicPartition(topic, 0)
    sources = [there, TopicPartition(gone, 0)]
    with ThreadPoolExecutor(_THREADS) as pool:
        asked = (pool.submit(brokers.look, sources, _PATIENCE) for _ in range(_QUESTIONS))
        told = sum(list(each.result().ends) == [there] for each in list(asked))
    words = "every time" if told == _QUESTIONS else f"{told} of {_QUESTIONS} times"
    sys.stdout.write(f"told {words}\n")


if __name__ == "__main__":
    _main(*sys.argv[1:])
