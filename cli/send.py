"""`chatflow send`: one event into Kafka by hand, as the chat server would write it."""

import secrets
import string
import time
from typing import Annotated

import typer

from config.load import load_settings
from schemas.message_pb2 import Message
from traffic.envelope import Metadata, valid_text
from traffic.producer import ChatProducer

app = typer.Typer(no_args_is_help=True, help="Publish one event, as the chat server would.")

_TEXT, _SINGLE, _GROUP = 1, 1, 2
_BASE36 = string.digits + string.ascii_lowercase

Sender = Annotated[str, typer.Option("--from", help="The sender's user id.")]
Text = Annotated[str, typer.Argument(help="What the message says.")]


@app.command()
def message(
    text: Text,
    sender: Sender,
    to: Annotated[str, typer.Option("--to", help="The recipient's user id.")],
) -> None:
    """Publish a direct message."""
    content = _text_message(text, sender, to, _SINGLE)
    with ChatProducer(load_settings().kafka) as producer:
        producer.connect()
        producer.send_chat_message(to, content)
    typer.echo(f"sent {content.messageId} to {producer.topics.chat_messages}")


@app.command("group-message")
def group_message(
    text: Text,
    sender: Sender,
    group: Annotated[str, typer.Option("--group", help="The group's id.")],
) -> None:
    """Publish a message to a group."""
    content = _text_message(text, sender, group, _GROUP)
    with ChatProducer(load_settings().kafka) as producer:
        producer.connect()
        producer.send_group_message(group, sender, content)
    typer.echo(f"sent {content.messageId} to {producer.topics.group_messages}")


@app.command("user-event")
def user_event(
    event_type: Annotated[str, typer.Argument(help="For example user_online.", metavar="TYPE")],
    user: Annotated[str, typer.Option("--user", help="The id of the user it is about.")],
    metadata: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="Beside the event; may be repeated."),
    ] = None,
) -> None:
    """Publish what a user did, such as coming online."""
    beside = _metadata(metadata or [])
    with ChatProducer(load_settings().kafka) as producer:
        producer.connect()
        producer.send_user_event(event_type, user, beside)
    typer.echo(f"sent {event_type} of {user} to {producer.topics.user_events}")


def _text_message(text: str, sender: str, to: str, message_type: int) -> Message:
    now_ms = time.time_ns() // 1_000_000
    nine = "".join(secrets.choice(_BASE36) for _ in range(9))
    return Message(
        from_user=valid_text(sender),
        to=valid_text(to),
        content=valid_text(text),
        contentType=_TEXT,
        messageType=message_type,
        messageId=f"msg_{now_ms}_{nine}",
        timestamp=now_ms,
    )


def _metadata(pairs: list[str]) -> Metadata:
    """`key=value` texts as a mapping; digits become a number, as servers write times and ids."""
    found: dict[str, str | int | bool] = {}
    for pair in pairs:
        key, equals, value = valid_text(pair).partition("=")
        if not key or not equals:
            raise typer.BadParameter(f"{pair!r} is not KEY=VALUE", param_hint="--metadata")
        is_number = value.isascii() and value.isdigit() and len(value) < 19
        found[key] = int(value) if is_number else value
    return found
