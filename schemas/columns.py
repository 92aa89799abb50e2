"""Columns that stand in memory as Arrow lays them out: read like lists, taken over without a copy.

What owns the memory is held on to, so a column may outlive the batch it came with.
"""

import ctypes
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Generic, TypeVar, overload

from typing_extensions import override

E = TypeVar("E")

_INTEGERS = {4: ctypes.c_int32, 8: ctypes.c_int64}


class LazyList(Sequence[E], Generic[E]):
    """Reads like a list of so many values, which is made when somebody asks for one."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._values: list[E] | None = None

    def _made(self) -> list[E]:
        if self._values is None:
            self._values = list(self._all()) if self._count else []
        return self._values

    def _all(self) -> Iterable[E]:
        raise NotImplementedError

    @override
    def __len__(self) -> int:
        return self._count

    @override
    def __reduce__(self) -> tuple[type[list[E]], tuple[list[E]]]:
        """Copied, or sent to another process, it is the list that it reads like."""
        return list, (self._made(),)

    @override
    def __iter__(self) -> Iterator[E]:
        return iter(self._made())

    @overload
    def __getitem__(self, place: int) -> E: ...

    @overload
    def __getitem__(self, place: slice) -> list[E]: ...

    @override
    def __getitem__(self, place: int | slice) -> E | list[E]:
        return self._made()[place]


class _Column(LazyList[Any]):
    """A column of a batch or of rows."""

    def __init__(self, owner: object, count: int) -> None:
        super().__init__(count)
        self.owner = owner
        """Keeps the memory as it is, for as long as anybody refers to it."""


class Texts(_Column):
    """Texts in UTF-8, one after the other, and where each begins and ends.

    Where they may be missing, an empty one is.
    """

    def __init__(
        self, owner: object, ends: int | None, texts: int | None, count: int, may_be_missing: bool
    ) -> None:
        """`ends` is the address of `count` + 1 int32, `texts` that of the bytes.

        An address may be none, where there is nothing.
        """
        super().__init__(owner, count)
        self.ends = ends or 0
        self.texts = texts or 0
        self.may_be_missing = may_be_missing

    @property
    def size(self) -> int:
        """Bytes of all texts together."""
        return _INTEGERS[4].from_address(self.ends + 4 * self._count).value if self._count else 0

    def text(self, row: int) -> str:
        """One text, without making the others."""
        return self.raw(row).decode()

    def raw(self, row: int) -> bytes:
        """The same, of what may be anything but text."""
        begin, end = (ctypes.c_int32 * 2).from_address(self.ends + 4 * row)
        return ctypes.string_at(self.texts + begin, end - begin) if end > begin else b""

    def _read(self) -> "tuple[array[int], bytes]":
        """Where each ends, after the 0 at which the first one begins, and what all hold."""
        ends = array("i", ctypes.string_at(self.ends, 4 * (self._count + 1)))
        return ends, ctypes.string_at(self.texts, ends[-1]) if ends[-1] else b""

    @override
    def _all(self) -> Sequence[str | bytes | None]:
        ends, texts = self._read()
        pairs = pairwise(ends)
        if texts.isascii():  # as nearly all ids are: bytes are characters, and one call reads all
            all_of_them = texts.decode()
            if self.may_be_missing:
                return [all_of_them[begin:end] or None for begin, end in pairs]
            return [all_of_them[begin:end] for begin, end in pairs]
        if self.may_be_missing:
            return [texts[begin:end].decode() or None for begin, end in pairs]
        return [texts[begin:end].decode() for begin, end in pairs]


class Bytes(Texts):
    """The same of bytes that need not be text."""

    @override
    def _all(self) -> Sequence[bytes | None]:
        ends, data = self._read()
        found = [data[begin:end] for begin, end in pairwise(ends)]
        return [each or None for each in found] if self.may_be_missing else list(found)


class Numbers(_Column):
    """Integers of 4 or 8 bytes."""

    def __init__(
        self,
        owner: object,
        at: int,
        count: int,
        size: int,
        has: int | None = None,
        *,
        zero_is_none: bool = False,
    ) -> None:
        """`has`, if given, is the address of a byte for each row: 0 where there is none."""
        super().__init__(owner, count)
        self.at = at
        self.size = size
        self.has = has
        self.zero_is_none = zero_is_none

    @property
    def first(self) -> int:
        """The first one, without making a list of them; of a column where none is missing."""
        return _INTEGERS[self.size].from_address(self.at).value

    @override
    def _all(self) -> list[int | None]:
        found = array("i" if self.size == 4 else "q")
        found.frombytes(ctypes.string_at(self.at, self.size * self._count))
        if self.has is not None:
            has = ctypes.string_at(self.has, self._count)
            return [
                number if is_there else None for number, is_there in zip(found, has, strict=True)
            ]
        return [number or None for number in found] if self.zero_is_none else list(found)
