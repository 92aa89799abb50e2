"""The commands in, their reference in Markdown out."""

from collections.abc import Iterator

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from cli.main import app

_INTRODUCTION = """\
# The command `chatflow`

Written by `python -m cli.reference`; do not edit.

Exit status: 0 done, 1 a failure, 2 wrong configuration or usage, 130 stopped at once by Ctrl-C.
What went wrong is one message on stderr. Except for `chatflow demo`, which has settings of its own,
brokers and topics are those of the [settings](settings.md).
"""
_COLUMNS = 80


def render_commands() -> str:
    """Write the help of every command, in the order in which `chatflow --help` names them."""
    return "\n".join([_INTRODUCTION, *_sections("chatflow", get_command(app))])


def _sections(name: str, command: object) -> Iterator[str]:
    assert isinstance(command, TyperCommand | TyperGroup)
    context = typer.Context(command, info_name=name, terminal_width=_COLUMNS)
    yield f"## {name}\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, TyperGroup):
        for part in command.list_commands(context):
            yield from _sections(f"{name} {part}", command.get_command(context, part))


if __name__ == "__main__":
    typer.echo(render_commands(), nl=False)
