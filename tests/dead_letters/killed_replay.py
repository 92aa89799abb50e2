"""A replay that kills itself: `python -m tests.dead_letters.killed_replay STEP DEAD_TOPIC`.

Everything else is told by the environment, as to the command. Steps: `sent`, when the record is at
the broker and its marker is not; `noted`, when both are and nothing is committed; `committed`.
"""

import os
import signal
import sys
from datetime import datetime

from typing_extensions import override

from config.load import load_settings
from dead_letters.letter import Letter
from dead_letters.reading import open_letters
from dead_letters.replay import Replayer

STEPS = ("sent", "noted", "committed")


class KilledReplayer(Replayer):
    """Goes as far as a step, and no further."""

    step = ""

    @override
    def _put_back(self, letter: Letter) -> None:
        super()._put_back(letter)
        self._reach("sent")

    @override
    def _note(self, letter: Letter, now: datetime) -> None:
        super()._note(letter, now)
        self._reach("noted")

    @override
    def _commit(self) -> None:
        super()._commit()
        self._reach("committed")

    def _reach(self, step: str) -> None:
        if step == self.step:
            self._producer.flush()
            os.kill(os.getpid(), signal.SIGKILL)


def main(step: str, dead_topic: str) -> None:
    """Replay the first dead letter that was not replayed yet, as far as the step."""
    kafka = load_settings().kafka
    KilledReplayer.step = step
    with KilledReplayer(kafka, dead_topic) as replayer, open_letters(kafka) as letters:
        found = letters.read(letters.spans([dead_topic]))
        replayer.replay([next(each for each in found if each.entry.origin not in replayer.done)])


if __name__ == "__main__":
    main(*sys.argv[1:])
