"""What a process no longer needs is not kept in its heaps."""

import platform
import subprocess
import sys

import pytest

_HOLE = """
import ctypes
from dataflows.allocation import give_memory_back

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

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
print((resident() - before) // SIZE)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another malloc, or none at all")
@pytest.mark.parametrize(("prepare", "kept"), [("", 1), ("give_memory_back()", 0)])
def test_a_large_block_that_is_freed_is_gone_whatever_lies_behind_it(
    prepare: str, kept: int
) -> None:
    program = _HOLE.replace("{prepare}", prepare)
    found = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert (found.returncode, found.stdout) == (0, f"{kept}\n")


def test_arrow_asks_the_system_for_its_memory() -> None:
    program = (
        "import pyarrow\nfrom dataflows.allocation import give_memory_back\n"
        "give_memory_back()\nprint(pyarrow.default_memory_pool().backend_name)"
    )
    found = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert found.stdout == "system\n"
