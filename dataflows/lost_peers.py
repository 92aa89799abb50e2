"""What the engine says of the other processes, in words."""

import logging

from config.errors import ChatflowError
from dataflows.roll_call import ClusterError
from dataflows.workers import Workers

log = logging.getLogger(__name__)

_CANNOT_LISTEN = "failed to initialize networking: "
_LOST = ("thread panic", "MergeQueue poisoned", "timely-dataflow", "communication")
"""The engine panics wherever it notices first that a connection has ended."""


def in_words(error: BaseException, *, workers: Workers) -> ChatflowError | None:
    """An error of the engine's own that is about another process; None for any other."""
    said = str(error)
    if _CANNOT_LISTEN in said:
        why = said.partition(_CANNOT_LISTEN)[2].partition(" (os error")[0]
        return ClusterError(
            f"process {workers.process} cannot connect the addresses {';'.join(workers.addresses)}"
            f" of -a ({why}): each must be host:port, and this process listens at its own"
        )
    if any(sign in said for sign in _LOST):
        log.debug("the engine says: %s", said)
        return ClusterError(
            "another process of the flow has ended, and said itself why (if none did: all must be"
            " of one release). Nothing is lost: start all again, to go on from the last commit"
        )
    return None
