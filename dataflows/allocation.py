"""Memory that an epoch needed goes back to the system, instead of waiting for the next one."""

import ctypes
import os
import sys

import pyarrow as pa

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""`M_TRIM_THRESHOLD` and `M_MMAP_THRESHOLD` of glibc's malloc.h."""
_APART = 1024 * 1024
"""Bytes from which on a block is mapped by itself, and unmapped when it is freed."""
_CHOSEN = {"MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES", "ARROW_DEFAULT_MEMORY_POOL"}


def give_memory_back() -> None:
    """Let large blocks, Arrow's as malloc's, be mapped one by one.

    glibc maps them so only until the first one is freed: from then on blocks of that size, up to 32
    MiB, are cut from heaps that shrink when what happens to lie at their end is free, and Arrow
    keeps heaps of its own. Texts of many rows are such blocks, and between two commits the process
    kept nearly as much free memory as it used. Where malloc is not glibc's nothing happens, nor
    where a variable of the environment says how memory is to be had.
    """
    if sys.platform != "linux" or _CHOSEN & os.environ.keys():
        return
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt") and libc.mallopt(_MMAP_THRESHOLD, _APART) == 1:
        # Setting one ends glibc's own rule for both, by which this is twice as much.
        libc.mallopt(_TRIM_THRESHOLD, 2 * _APART)
        pa.set_memory_pool(pa.system_memory_pool())
