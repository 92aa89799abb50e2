"""The Dockerfile, instruction by instruction."""

import json
import re
from typing import NamedTuple

from tests.documents import ROOT

FILE = ROOT / "Dockerfile"


class Instruction(NamedTuple):
    """`RUN` and what follows it, on one line."""

    name: str
    text: str

    @property
    def words(self) -> list[str]:
        """Of the exec form, which is JSON."""
        found: list[str] = json.loads(self.text)
        return found


def stages() -> list[list[Instruction]]:
    """The instructions of each stage; what stands before the first `FROM` belongs to none."""
    lines = [line for line in FILE.read_text().splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    found: list[list[Instruction]] = []
    for line in filter(None, map(str.strip, joined.splitlines())):
        name, _, text = line.partition(" ")
        if name == "FROM":
            found.append([])
        if found:
            found[-1].append(Instruction(name, re.sub(r"\s+", " ", text)))
    return found


def of_image(name: str) -> list[Instruction]:
    """The instructions of the last stage that have a name."""
    return [each for each in stages()[-1] if each.name == name]


def command() -> list[str]:
    """What a container runs: the entry point, and the arguments it has when none are given."""
    [entry], [arguments] = of_image("ENTRYPOINT"), of_image("CMD")
    return [*entry.words, *arguments.words]
