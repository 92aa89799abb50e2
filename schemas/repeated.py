"""A column in which values repeat, kept as the values and how often each of them stands there."""

from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from typing import Any, overload

from typing_extensions import override


class Repeated(Sequence[Any]):
    """Reads like the list it stands for; a store may write it without ever making that list."""

    def __init__(self, values: Sequence[Any], counts: Sequence[int]) -> None:
        """`counts[i]` says how often `values[i]` follows itself."""
        self.values = values
        self.counts = counts

    def places(self) -> list[int]:
        """For each row, which of `values` stands there."""
        return list(chain.from_iterable(map(repeat, range(len(self.counts)), self.counts)))

    @override
    def __len__(self) -> int:
        return sum(self.counts)

    @override
    def __iter__(self) -> Iterator[Any]:
        return chain.from_iterable(map(repeat, self.values, self.counts))

    @overload
    def __getitem__(self, place: int) -> Any: ...

    @overload
    def __getitem__(self, place: slice) -> list[Any]: ...

    @override
    def __getitem__(self, place: int | slice) -> Any:
        return list(self)[place]
