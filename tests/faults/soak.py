"""Kills without end: `python -m tests.faults.soak --kills N --minutes M --seed S`.

Rounds of a chat that goes on while the flow that reads it is killed: at random moments and inside
the commit path, with the engine's recovery folder, without, and with the folder lost. Each round
has topics, a database and a seed of its own, and ends with every table compared with the oracle.
It runs on a real Kafka where Java and its jars are, else on the embedded broker.
Exit status: 0 all tables were right, 1 one was not or a flow ended by itself, 2 wrong usage.
"""

import argparse
import contextlib
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from tests.faults.soak_round import SIZE, Broker, Done, play
from tests.kafka_jars import KafkaUnavailableError
from tests.kafka_server import KafkaServer
from traffic.embedded import EmbeddedBroker

_LANES = 3
"""Rounds that are played at the same time."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak")
    parser.add_argument("--kills", type=int, default=1000, help="how many at least")
    parser.add_argument("--minutes", type=float, default=60.0, help="begin no round after these")
    parser.add_argument("--seed", type=int, help="of the first round; the others count on from it")
    return parser.parse_args()


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def _broker(undo: contextlib.ExitStack, folder: Path) -> Broker:
    try:
        server = undo.enter_context(KafkaServer(folder))
    except KafkaUnavailableError as error:
        _say(f"on the embedded broker, because Kafka cannot run here: {error}")
        embedded = undo.enter_context(EmbeddedBroker())
        return Broker(embedded.bootstrap_servers, embedded.create_topic)
    _say("on Apache Kafka")
    return Broker(server.bootstrap_servers, server.create_topics)


class _Soak:
    """The rounds, and what they add up to."""

    def __init__(self, given: argparse.Namespace, broker: Broker, folder: Path) -> None:
        self._wanted: int = given.kills
        self._until = time.monotonic() + given.minutes * 60
        self._seed: int = given.seed or random.randrange(1, 2**31)
        self._first = self._seed
        self._broker = broker
        self._folder = folder
        self._started = time.monotonic()
        self._stop = threading.Event()
        self._sum: Counter[str] = Counter()
        self._failures: list[Done] = []

    def run(self) -> int:
        """Play until there are kills enough; say how it went."""
        playing: set[Future[Done]] = set()
        left = self._wanted
        with ThreadPoolExecutor(_LANES) as lanes:
            while playing or (left > 0 and self._may_begin()):
                while left > 0 and len(playing) < _LANES and self._may_begin():
                    kills = min(left, SIZE)
                    playing.add(lanes.submit(self._play, kills))
                    left -= kills
                done, playing = wait(playing, return_when=FIRST_COMPLETED)
                for each in done:
                    self._take(each.result())
        return self._sum_up()

    def _may_begin(self) -> bool:
        return not self._failures and time.monotonic() < self._until

    def _play(self, kills: int) -> Done:
        seed, self._seed = self._seed, self._seed + 1
        return play(self._broker, self._folder / str(seed), seed, kills)

    def _take(self, done: Done) -> None:
        self._sum.update(done.counts)
        kills, seconds = self._sum["kills"], time.monotonic() - self._started
        _say(
            f"{kills:5} of {self._wanted} kills, {kills / seconds:.2f} a second;"
            f" round {done.seed}: {'all tables right' if not done.wrong else 'WRONG'}"
        )
        if done.wrong:
            self._failures.append(done)
            _say(
                f"{done.wrong}\nagain: python -m tests.faults.soak --kills {done.kills}"
                f" --seed {done.seed}"
            )

    def _sum_up(self) -> int:
        counted = ", ".join(f"{name} {number}" for name, number in sorted(self._sum.items()))
        seconds = time.monotonic() - self._started
        _say(f"{counted}, wrong rounds {len(self._failures)}, seed {self._first}, {seconds:.0f} s")
        return 1 if self._failures else 0


def main() -> int:
    """Kill, compare, and say how it went."""
    given = _arguments()
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as undo:
        folder = Path(name)
        return _Soak(given, _broker(undo, folder / "kafka"), folder).run()


if __name__ == "__main__":
    sys.exit(main())
