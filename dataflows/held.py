"""Messages to users who have just left: whether they are pushed is known after the grace."""

import msgspec

from schemas.events import SIGNALLING, ChatMessage, TopicPartition


class Held(msgspec.Struct, frozen=True, array_like=True):
    """A message that waits, and where it stands."""

    source: TopicPartition
    message: ChatMessage


def hold(source: TopicPartition, message: ChatMessage) -> Held:
    """Keep what a decision needs of a message: only of a call is it what the message says."""
    if message.content_type not in SIGNALLING:
        message = msgspec.structs.replace(message, content="", file_name=None)
    return Held(source, message)
