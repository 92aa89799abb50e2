"""Which session a user event is about: the naming rules of section 4 of the semantics."""

import re
from dataclasses import dataclass

from tests.oracle.values import Event, text_of

_WITH_PORT = re.compile(r"(?:\[([^\]]+)\]|([^:\[\]]+)):\d+", re.ASCII)


@dataclass(frozen=True)
class SessionNamed:
    """What an event says about its session, `name` being none where it names none."""

    name: str | None
    worker: str | None
    connection_time: str | None
    host: str | None
    """`client_ip` without its port."""

    @property
    def worker_name(self) -> str:
        return "any" if self.worker is None else f"worker-{self.worker}"

    @property
    def key(self) -> str:
        """What the session goes by, named or not."""
        return self.name or self.worker_name


def session_of(event: Event) -> SessionNamed:
    """The session that this user event means."""
    given = event.metadata
    client_ip = text_of(given.get("client_ip"))
    address = _WITH_PORT.fullmatch(client_ip or "")
    connected = text_of(given.get("connection_time"))
    disconnected = text_of(given.get("disconnect_time"))
    name = text_of(given.get("session_id"))
    connection_time = connected
    if not name and address:
        name = client_ip
    if not name and (connected or disconnected):
        connection_time = connected or disconnected
        name = f"connected-{connection_time}"
    if not name and event.worker is None:
        name = client_ip
    host = (address[1] or address[2]) if address else client_ip
    return SessionNamed(name, event.worker, connection_time, host)
