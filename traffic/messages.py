"""Messages as each generation of server publishes them."""

import itertools
import string
from random import Random

from msgspec import UNSET

from schemas.message_pb2 import Message
from traffic.connections import Generation, Session
from traffic.contents import Content
from traffic.envelope import Event, LegacyMessage, encode
from traffic.people import Group, Person
from traffic.plan import SimulatedRecord, TopicKind

_SINGLE, _GROUP = 1, 2
_BASE36 = string.digits + string.ascii_lowercase
_EXPLICIT_DEFAULTS = b"\x0a\x00\x4a\x00\x68\x00\x70\x00\x78\x00\x8a\x01\x00\x98\x01\x00\xa0\x01\x00"
"""Empty fields (avatar, url, fragment, checksum, read), written out as browsers do.

Today's servers pass a group message on as the browser wrote it; direct ones they write anew.
"""


class Author:
    """Turn who, to whom and what into the record that a server publishes."""

    def __init__(self, random: Random) -> None:
        self._random = random.random
        self._triples = ["".join(three) for three in itertools.product(_BASE36, repeat=3)]

    def direct(
        self, sender: Session, recipient: Person, content: Content, at_ms: int
    ) -> SimulatedRecord:
        """A message to one person, whether connected or not."""
        topic = TopicKind.CHAT_MESSAGES
        if sender.generation is Generation.OBJECT:
            event = _object_event("message", sender, recipient.user_id, content, at_ms)
            return SimulatedRecord(topic, sender.person.key, encode(event), at_ms)
        payload = self._payload(sender, recipient.user_id, content, at_ms, _SINGLE)
        event = Event(
            event_type="message",
            timestamp=at_ms // 1000,
            user_id=recipient.user_id,
            message_data=payload,
            worker_id=sender.worker if sender.names_worker else UNSET,
        )
        return SimulatedRecord(topic, recipient.key, encode(event), at_ms)

    def group(self, sender: Session, group: Group, content: Content, at_ms: int) -> SimulatedRecord:
        """A message to a group, by one of its members."""
        topic = TopicKind.GROUP_MESSAGES
        if sender.generation is Generation.OBJECT:
            event = _object_event("group_message", sender, group.group_id, content, at_ms)
            return SimulatedRecord(topic, group.key, encode(event), at_ms)
        payload = self._payload(sender, group.group_id, content, at_ms, _GROUP)
        names_worker = sender.names_worker
        event = Event(
            event_type="group_message",
            timestamp=at_ms // 1000,
            # Servers of the specification's time name the group here, later ones the sender.
            user_id=sender.person.user_id if names_worker else group.group_id,
            message_data=_EXPLICIT_DEFAULTS + payload if names_worker else payload,
            metadata={"group_id": group.group_id},
            worker_id=0 if names_worker else UNSET,
        )
        # The generation before today's published no group messages: today's stands in for it.
        key = sender.person.key if names_worker else group.key
        return SimulatedRecord(topic, key, encode(event), at_ms)

    def _payload(
        self, sender: Session, to: str, content: Content, at_ms: int, message_type: int
    ) -> bytes:
        message = Message(
            fromUsername=sender.person.name,
            from_user=sender.person.user_id,
            to=to,
            content=content.text,
            contentType=content.content_type,
            type=content.kind,
            messageType=message_type,
        )
        if content.file:
            message.file = content.file
            message.fileSuffix = content.suffix
        if sender.names_worker and not content.is_signal:
            # The client's clock, some time before the server's.
            message.timestamp = at_ms - 20 - int(self._random() * 200)
            message.messageId = f"msg_{message.timestamp}_{self._nine()}"
        return message.SerializeToString()

    def _nine(self) -> str:
        """Nine digits of base 36."""
        triples, random = self._triples, self._random
        count = len(triples)
        first, second, third = random() * count, random() * count, random() * count
        return triples[int(first)] + triples[int(second)] + triples[int(third)]


def _object_event(event_type: str, sender: Session, to: str, content: Content, at_ms: int) -> Event:
    message = LegacyMessage(
        from_username=sender.person.name,
        from_user=sender.person.user_id,
        to=to,
        content=content.text,
        content_type=content.content_type,
        message_type=_GROUP if event_type == "group_message" else _SINGLE,
    )
    group = {"group_id": to} if event_type == "group_message" else UNSET
    return Event(event_type, at_ms // 1000, sender.person.user_id, message, group)
