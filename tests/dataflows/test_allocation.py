"""What a process no longer needs is not kept in its heaps."""

import os
import platform
import subprocess
import sys

import pytest

_HOLE = """
import ctypes, os
from dataflows.allocation import give_memory_back

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

def used(size):
    place = libc.malloc(size)
    ctypes.memset(place, 1, size)
    return place

SIZE, SMALL = 16 << 20, 100_000
{prepare}
libc.free(used(SIZE))
before = resident()
large, behind = used(SIZE), used(SMALL)
libc.free(large)
print(round((resident() - before) / SIZE))
"""
_POOL = """
import pyarrow
from config.load import load_settings
from dataflows.launch import launch

before = pyarrow.default_memory_pool().backend_name
try:
    launch(load_settings())
finally:
    print(before, pyarrow.default_memory_pool().backend_name, flush=True)
"""
_UNUSABLE = {"CHAT_PUSH__DIRECTORY": "/nowhere/directory.yaml"}
"""With it a start ends before it asks for brokers or a store."""
_OURS = ("MALLOC_", "GLIBC_", "ARROW_")

pytestmark = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="another malloc, or none at all"
)


def printed(program: str, **variables: str) -> str:
    """What a process of its own prints, to which nothing says how memory is to be had."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**inherited, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        timeout=60,
    ).stdout


@pytest.mark.parametrize(("prepare", "kept"), [("", 1), ("give_memory_back()", 0)])
def test_a_large_block_that_is_freed_is_gone_whatever_lies_behind_it(
    prepare: str, kept: int
) -> None:
    assert printed(_HOLE.replace("{prepare}", prepare)) == f"{kept}\n"


def test_a_flow_that_starts_asks_the_system_for_arrows_memory_too() -> None:
    before, after = printed(_POOL, **_UNUSABLE).split()
    assert before != after == "system"


def test_who_says_how_memory_is_to_be_had_is_left_alone() -> None:
    before, after = printed(_POOL, **_UNUSABLE, MALLOC_MMAP_THRESHOLD_="4096").split()
    assert before == after
