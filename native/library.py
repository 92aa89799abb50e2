"""Loads the compiled library, where it was built."""

import ctypes
import os
from functools import cache

from native.build import LIBRARY, digest


@cache
def library() -> ctypes.CDLL | None:
    """The library; None where it was not built, or from other sources than those beside it.

    `CHATFLOW_LIBRARY` names another one, such as one that checks every access. To be asked for once
    before there are several threads: two that ask first would each choose a secret for the hashes.
    """
    try:
        found = ctypes.CDLL(os.environ.get("CHATFLOW_LIBRARY") or str(LIBRARY))
        found.sources.restype = ctypes.c_char_p
    except (OSError, AttributeError):
        return None
    if found.sources() != digest().encode():
        return None
    secret = (int.from_bytes(os.urandom(8), "little") for _ in range(4))
    found.hash_seed(*(ctypes.c_uint64(word) for word in secret))
    return found


@cache
def function(name: str, result: object, *arguments: object) -> "ctypes._NamedFuncPointer":
    """A function of the library, its types declared; only where `library` is not None."""
    found = library()
    assert found is not None, "asked for only where the library was built"
    called = found[name]
    called.restype, called.argtypes = result, arguments  # type: ignore[assignment]
    return called


@cache
def _held() -> ctypes.PyDLL:
    found = library()
    assert found is not None, "asked for only where the library was built"
    return ctypes.PyDLL(found._name, handle=found._handle)


@cache
def short_function(name: str, result: object, *arguments: object) -> "ctypes._NamedFuncPointer":
    """The same, for one that is called often and for a moment: other threads wait for it.

    To let them go on meanwhile takes longer than what it does, and then it may wait for them.
    """
    called = _held()[name]
    called.restype, called.argtypes = result, arguments  # type: ignore[assignment]
    return called
