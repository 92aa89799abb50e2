"""What C says of the join, as it stands in memory; mirrors the headers: change both."""

import ctypes
from array import array
from ctypes import c_int64, c_void_p
from struct import Struct

from native.columns import CTexts


def _integers(*names: str) -> tuple[tuple[str, type[c_int64]], ...]:
    return tuple((name, c_int64) for name in names)


class CNames(ctypes.Structure):
    """`names` of names.h."""

    _fields_ = (
        *_integers("count"),
        ("ends", c_void_p),
        ("bytes", c_void_p),
        *_integers("used", "room", "byte_room"),
    )

    def texts(self) -> list[str]:
        """All of them."""
        if not self.count:
            return []
        ends = array("q", ctypes.string_at(self.ends, 8 * self.count))
        data = ctypes.string_at(self.bytes, self.used)
        pairs = zip([0, *ends], ends, strict=False)
        if data.isascii():  # bytes are characters, and one call reads all
            text = data.decode()
            return [text[begin:end] for begin, end in pairs]
        # A directory in YAML can name what no event can be.
        return [data[begin:end].decode(errors="surrogatepass") for begin, end in pairs]


class CRenewals(ctypes.Structure):
    """`renewals` of users.h."""

    _fields_ = (*_integers("count", "room"), ("all", c_void_p))

    def triples(self) -> list[tuple[int, int, int]]:
        """Who, which of the sessions, and when."""
        found = (
            array("q", ctypes.string_at(self.all, 24 * self.count)) if self.count else array("q")
        )
        return list(zip(found[::3], found[1::3], found[2::3], strict=True))


class CStop(ctypes.Structure):
    """`stop` of join.h."""

    _fields_ = (
        *_integers("time", "source", "active_at"),
        ("event", c_void_p),
        *_integers("event_size"),
        ("renewals", CRenewals),
    )


STOPPED = Struct("=6q")
"""What `stop` begins with, up to how many renewals there are."""


class CStored(ctypes.Structure):
    """`rows_given` of stored.h."""

    _fields_ = (
        *_integers("count"),
        ("key_ends", c_void_p),
        ("keys", c_void_p),
        ("state_ends", c_void_p),
        ("states", c_void_p),
    )


class CTaken(ctypes.Structure):
    """`taken` of stored.h."""

    left: int
    present: int
    _fields_ = (
        *_integers("left", "present"),
        ("id", c_void_p),
        *_integers("id_size"),
        ("state", c_void_p),
        *_integers("state_size"),
    )

    def user(self) -> tuple[str, bytes]:
        """Who was taken last, and the state."""
        _, _, at, size, _, state_size = _TAKEN.unpack_from(self)
        both = ctypes.string_at(at, size + state_size)  # the state stands behind the id
        return both[:size].decode(), both[size:]


_TAKEN = Struct("=6q")


class CReport(ctypes.Structure):
    """`report` of join.h."""

    _fields_ = (
        ("who", CNames),
        ("active_at", c_void_p),
        ("is_active", c_void_p),
        ("renewals", CRenewals),
        ("groups", CNames),
        ("members", CNames),
        ("is_member", c_void_p),
        *_integers("at_room", "active_room", "member_room"),
    )


class CCandidates(ctypes.Structure):
    """`candidates` of candidates.h."""

    _fields_ = (
        ("rows", c_void_p),
        *_integers("count"),
        ("sources", c_void_p),
        ("ends", c_void_p),
        *_integers("away_count"),
        ("away", CTexts),
        ("is_leaving", c_void_p),
        *_integers("holding", "source_room", "end_room", "leaving_room"),
    )
