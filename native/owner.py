"""Who frees what was made in C."""

import ctypes

from native.library import function


class Owner:
    """Lets a function of the library free what stands at an address, when nobody needs it any more.

    Whoever owns must not refer to what refers to it: cycles are looked for seldom.
    """

    def __init__(self, free: str, at: int) -> None:
        self.at = at
        self._free = function(free, None, ctypes.c_void_p)

    def __del__(self) -> None:
        self._free(self.at)
