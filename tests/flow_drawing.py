"""The drawing of the dataflow in the README: `python -m tests.flow_drawing` prints it anew."""

import re

from bytewax.testing import TestingSink, TestingSource
from bytewax.visualize import to_mermaid

from config.settings import Settings
from dataflows.chat import build
from dataflows.launch import Sinks
from schemas.directory import Directory


def drawing() -> str:
    """The steps of the flow as a Mermaid graph, as `bytewax.visualize` draws them.

    Steps that only give items a key, because the engine's sinks want one, are left out.
    """
    sinks = Sinks(TestingSink([]), TestingSink([]), TestingSink([]))
    text = to_mermaid(build(TestingSource([]), sinks, Settings(), Directory()))
    for step in re.findall(r'^(.*)\[".* \(key_on\)"\]$', text, re.MULTILINE):
        (target,) = re.findall(rf"^{re.escape(step)} -- .* --> (.*)$", text, re.MULTILINE)
        kept = [line for line in text.splitlines() if not line.startswith((f"{step}[", f"{step} "))]
        text = "\n".join(re.sub(rf"--> {re.escape(step)}$", f"--> {target}", line) for line in kept)
    return text + "\n"


if __name__ == "__main__":
    print(drawing(), end="")  # noqa: T201 - the result
