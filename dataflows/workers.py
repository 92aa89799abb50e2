"""Which process of how many this is, as the engine was told by its arguments or its environment."""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from config.errors import ConfigurationError
from schemas.events import TopicPartition


class Workers(NamedTuple):
    """The processes of the flow, one worker each."""

    process: int = 0
    """The number of this one. The first, 0, keeps the state and writes."""
    addresses: tuple[str, ...] = ("",)
    """Where each listens for the others, in the order of their numbers."""

    @property
    def processes(self) -> int:
        """How many there are."""
        return len(self.addresses)

    @property
    def earlier_on_this_host(self) -> int:
        """How many processes with smaller numbers share the host, and so its ports."""
        hosts = [address.rpartition(":")[0] for address in self.addresses]
        return hosts[: self.process].count(hosts[self.process])

    def share(self, partitions: Iterable[TopicPartition]) -> list[TopicPartition]:
        """Which of the partitions this process reads; every process must ask about the same ones.

        The first one, which keeps the state of all, reads the fewest of two, and none of more.
        """
        last = self.processes - 1
        turns = {0: [0], 1: [1, 1, 1, 0]}.get(last) or list(range(1, last + 1))
        return [
            partition
            for place, partition in enumerate(sorted(partitions))
            if turns[place % len(turns)] == self.process
        ]

    @property
    def is_first(self) -> bool:
        """Whether this process keeps the state and writes."""
        return self.process == 0


ALONE = Workers()


def workers_of(argv: Sequence[str], environ: Mapping[str, str]) -> Workers:
    """What `python -m bytewax.run` was told, read as it reads it.

    Raises:
        ConfigurationError: It makes no cluster of one worker a process; names what was given.
    """
    found = _arguments(argv)
    workers = found.workers_per_process or environ.get("BYTEWAX_WORKERS_PER_PROCESS") or "1"
    if workers.strip() != "1":
        raise ConfigurationError(
            f"-w {workers}: threads share one interpreter, which makes the flow slower and not"
            " faster. Start several processes instead, each with -i and -a"
        )
    given = found.addresses or environ.get("BYTEWAX_ADDRESSES")
    number = _number(found, environ)
    if number is not None and given is None:
        given = _hosts(environ)
    if given is None and number is None:
        return ALONE
    if given is None or number is None:
        raise ConfigurationError(
            "-i and -a belong together (BYTEWAX_PROCESS_ID and BYTEWAX_ADDRESSES): the number of"
            " this process, and the addresses of all of them"
        )
    return _workers(number, tuple(each.strip() for each in given.split(";")))


def process_number(argv: Sequence[str], environ: Mapping[str, str]) -> int | None:
    """The number of this process, before it is known whether it can be run; None: it has none."""
    number = _number(_arguments(argv), environ)
    return int(number) if number is not None and number.isdecimal() else None


def refuse_recovery_folder(workers: Workers, folder: Path | None) -> None:
    """Several processes would need a folder that all of them see, for what the store knows.

    Raises:
        ConfigurationError: A folder was named.
    """
    if folder is not None and workers.processes > 1:
        raise ConfigurationError(
            f"-r {folder}: several processes go on from what the database knows, and keep no"
            " recovery folder. Start them without -r and -b"
        )


def _workers(number: str, addresses: tuple[str, ...]) -> Workers:
    if not number.isdecimal() or int(number) >= len(addresses):
        raise ConfigurationError(
            f"-i {number}: of {len(addresses)} addresses in -a (BYTEWAX_ADDRESSES, or the file"
            f" BYTEWAX_HOSTFILE_PATH), the processes are numbered 0 to {len(addresses) - 1}"
        )
    if "" in addresses or len(set(addresses)) < len(addresses):
        raise ConfigurationError(
            f"-a {';'.join(addresses)}: every process needs an address of its own, host:port"
        )
    return Workers(int(number), addresses)


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-w", "--workers-per-process")
    parser.add_argument("-i", "--process-id")
    parser.add_argument("-a", "--addresses")
    return parser.parse_known_args(argv[1:])[0]


def _number(given: argparse.Namespace, environ: Mapping[str, str]) -> str | None:
    return given.process_id or environ.get("BYTEWAX_PROCESS_ID") or _ordinal(environ)


def _ordinal(environ: Mapping[str, str]) -> str | None:
    """The number in the name of a Kubernetes pod: `chat-2` of the stateful set `chat` is 2."""
    pod, owner = environ.get("BYTEWAX_POD_NAME"), environ.get("BYTEWAX_STATEFULSET_NAME")
    if pod is None or owner is None:
        return None
    return pod.removeprefix(f"{owner}-")


def _hosts(environ: Mapping[str, str]) -> str | None:
    """The addresses in the file that names a line for each process."""
    path = environ.get("BYTEWAX_HOSTFILE_PATH")
    if path is None:
        return None
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"BYTEWAX_HOSTFILE_PATH: the file {path} with an address a line cannot be read"
        ) from error
    return ";".join(line.strip() for line in lines if line.strip())
