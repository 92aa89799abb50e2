"""What the figures were measured on."""

import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import version
from pathlib import Path

from tests.kafka_jars import kafka_version

_PACKAGES = ("bytewax", "confluent-kafka", "duckdb", "msgspec", "protobuf", "pyarrow", "pydantic")


def machine() -> dict[str, str]:
    """Processor, memory, and versions, in words."""
    told = _lscpu()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    threads = told.get("Thread(s) per core", "unknown number of")
    return {
        "processor": told.get("Model name", platform.processor() or platform.machine()),
        "cores": f"{os.cpu_count()} logical, {threads} threads a core",
        "memory": f"{memory:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": _python(),
        **{name: version(name) for name in _PACKAGES},
    }


def _python() -> str:
    """Version and build: one that was not optimised by a profile is slower by a tenth or more."""
    release = platform.python_version()
    if sys.base_prefix == "/usr" and Path("/etc/os-release").exists():
        return f"{release} of {platform.freedesktop_os_release()['PRETTY_NAME']}"
    optimised = "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "")
    return f"{release}, {'optimised' if optimised else 'plain'} build"


def kafka() -> str:
    """The broker, when it is one of the suite's own."""
    return f"Apache Kafka {kafka_version()}, one broker on the same machine"


def _lscpu() -> dict[str, str]:
    if shutil.which("lscpu") is None:
        return {}
    told = subprocess.run(
        ["lscpu", "-J"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "LC_ALL": "C"},
    )
    fields = json.loads(told.stdout)["lscpu"]
    return dict(_flat(fields))


def _flat(fields: list[dict[str, object]]) -> list[tuple[str, str]]:
    """Newer versions nest what belongs together."""
    found: list[tuple[str, str]] = []
    for field in fields:
        found.append((str(field["field"]).rstrip(":"), str(field.get("data") or "")))
        children = field.get("children")
        found += _flat(children) if isinstance(children, list) else []
    return found
