"""`chatflow dlq`: the records that could not be decoded: what they are, and back with them.

What the commands do is imported by them, because it opens clients and databases: `chatflow --help`
should not wait for that.
"""

from typing import Annotated

import typer
from typer import Argument, Option

from cli.dlq_options import Asked, Reasons, Topics
from cli.options import Format, Since, Until

app = typer.Typer(no_args_is_help=True, help="List, show and replay dead letters.")

FromTable = Annotated[
    bool, Option("--table", help="Ask the database instead of the dead-letter topics.")
]
Output = Annotated[Format, Option("--format", help="For people, or for programs.")]


@app.command("list", short_help="Count them by topic and reason.")
def list_kinds(
    topic: Topics = None,
    reason: Reasons = None,
    since: Since = None,
    until: Until = None,
    from_table: FromTable = False,
    output: Output = Format.TEXT,
) -> None:
    """Count dead letters by topic and reason, with the first and the last of them."""
    from cli.dlq_queries import print_kinds

    print_kinds(Asked(topic, reason, since, until), output, from_table=from_table)


@app.command(short_help="Say all about one of them.")
def show(
    topic: Annotated[str, Argument(help="The topic of the record, or its dead-letter topic.")],
    partition: Annotated[int, Argument(min=0, help="Its partition there.")],
    offset: Annotated[int, Argument(min=0, help="Its offset there.")],
    payload: Annotated[
        bool, Option("--payload", help="Also key and value, as bytes: what people wrote.")
    ] = False,
    from_table: FromTable = False,
    output: Output = Format.TEXT,
) -> None:
    """Say all about one dead letter; of key, value and headers only their sizes.

    Where it stood, why it is one, whether this release can decode it, whether it was replayed.
    """
    from cli.dlq_queries import print_letter
    from dead_letters.letter import Place

    place = Place(topic, partition, offset)
    print_letter(place, output, with_payload=payload, from_table=from_table)


@app.command(short_help="Put them back, each at most once.")
def replay(
    topic: Topics = None,
    reason: Reasons = None,
    since: Since = None,
    until: Until = None,
    record: Annotated[
        list[str] | None,
        Option(metavar="TOPIC/PARTITION/OFFSET", help="Only the one that stood there; repeatable."),
    ] = None,
    limit: Annotated[int | None, Option(min=1, help="At most so many.")] = None,
    force: Annotated[
        bool, Option("--force", help="Also what this release still cannot decode.")
    ] = False,
    dry_run: Annotated[
        bool, Option("--dry-run", help="Say what would be replayed, and write nothing.")
    ] = False,
    yes: Annotated[bool, Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Put dead letters back into the topics where they stood, once their cause is gone.

    Each goes to its own topic and partition, with its key, value, headers, record timestamp, and
    the header chatflow.replayed.from. Each is replayed at most once, however often this runs and
    wherever it is killed: what was replayed is noted in <topic>.dlq.replayed in the same
    transaction. What this release cannot decode would only become a dead letter again, and is
    left out.

    Exit status 0 also when there is nothing to replay; 1 when the answer is no.
    """
    from cli.dlq_replay import run_replay

    asked = Asked(topic, reason, since, until, record)
    run_replay(asked, limit, force=force, dry_run=dry_run, yes=yes)
