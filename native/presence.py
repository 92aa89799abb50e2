"""What the join in C has found of users, as rows whose columns a store takes over."""

from collections.abc import Iterator

from native.columns import CTexts
from native.join_structures import CChanges, CLeft
from native.owner import Owner
from schemas.columns import Bytes, Numbers, Texts
from schemas.repeated import Repeated
from schemas.rows import Rows
from schemas.tables import FLOW_STATE, PRESENCE, PRESENCE_CHANGES


def change_rows(at: int | None) -> Rows | None:
    """The `changes` at this address, which belong to the rows from now on."""
    if at is None:
        return None
    found, owner = CChanges.from_address(at), Owner("changes_drop", at)
    count = found.count
    columns = (
        _texts(owner, found.topic, count, may_be_missing=True),
        Numbers(owner, found.partition, count, 4, found.has_partition),
        Numbers(owner, found.offset, count, 8, found.has_offset),
        _texts(owner, found.user_id, count),
        _texts(owner, found.status, count),
        _texts(owner, found.reason, count),
        Numbers(owner, found.at, count, 8),
    )
    return Rows(PRESENCE_CHANGES, columns)


def left_rows(at: int, step: str) -> Iterator[Rows]:
    """What stands in the `left` at this address: the states of a step, and rows of `presence`."""
    found, owner = CLeft.from_address(at), Owner("left_drop", at)
    if count := found.state_count:
        states = Bytes(owner, found.states.ends, found.states.bytes, count, may_be_missing=True)
        columns = Repeated([step], [count]), _texts(owner, found.keys, count), states
        yield Rows(FLOW_STATE, columns)
    if count := found.count:
        numbers = (found.since, found.last_seen)
        yield Rows(
            PRESENCE,
            (
                _texts(owner, found.user_id, count),
                _texts(owner, found.status, count),
                Numbers(owner, found.sessions, count, 4),
                *(Numbers(owner, each, count, 8) for each in numbers),
                Numbers(owner, found.active_at, count, 8, zero_is_none=True),
            ),
        )


def _texts(owner: Owner, column: CTexts, count: int, *, may_be_missing: bool = False) -> Texts:
    return Texts(owner, column.ends, column.bytes, count, may_be_missing)
