"""Memory that an epoch needed goes back to the system, instead of waiting for the next one."""

import ctypes
import sys

import pyarrow as pa

_MMAP_THRESHOLD = -3
"""`M_MMAP_THRESHOLD` of glibc's malloc.h."""
_APART = 1024 * 1024
"""Bytes from which on a block is mapped by itself, and unmapped when it is freed."""


def give_memory_back() -> None:
    """Let large blocks be mapped one by one, Arrow's as everybody's; call before any is made.

    glibc maps them so only until the first one is freed: from then on blocks of that size, up to 32
    MiB, are cut from heaps that shrink when what happens to lie at their end is free, and Arrow
    keeps heaps of its own. Columns are such blocks, and between two commits the process kept nearly
    as much free memory as it used. Nothing happens to malloc where it is not glibc's.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(_MMAP_THRESHOLD, _APART)
