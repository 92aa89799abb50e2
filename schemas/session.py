"""Which session of a user an event speaks of."""

import msgspec

from schemas.envelope import Metadata


class Session(msgspec.Struct, frozen=True, gc=False):
    """What an event says about the connection it comes from."""

    session_id: str | None
    worker_id: int | None
    connection_time: int | None
    client_ip: str | None


def session_of(metadata: Metadata, worker_id: int | None) -> Session:
    """Name the session: the most exact thing the event says.

    `session_id`, else the client's address with its port, else the time of the connection (which
    an old server writes as `disconnect_time`), else nothing: then the worker is all that is known.
    An address without a port can be shared by many, so it names a session only where there is
    nothing better.
    """
    address = metadata.client_ip
    name, host, port = metadata.session_id, None, ""
    if address:
        host, _, port = address.rpartition(":")
        if not port.isdigit() or ":" in host:
            host, port = _split(address)
    if not name and port:
        name = address
    connected = metadata.connection_time
    if not name:
        connected = metadata.disconnect_time if connected is None else connected
        name = None if connected is None else f"connected-{connected}"
    if worker_id is None:
        worker_id = metadata.worker_id if metadata.worker_id is not None else metadata.shard_id
        if worker_id is None and not name:
            name = host
    return Session(name or None, worker_id, connected, host or None)


def _split(address: str) -> tuple[str, str]:
    """Host and port of `[v6]:port` or of an address without one; `ip:port` is told before."""
    if address.startswith("["):
        host, _, port = address[1:].partition("]")
        return host, port.removeprefix(":")
    if address.count(":") == 1:
        host, _, port = address.partition(":")
        return host, port
    return address, ""
