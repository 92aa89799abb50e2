"""What the engine is told of its processes, and what of it can be run."""

from collections import Counter
from pathlib import Path

import pytest

from config.errors import ConfigurationError
from dataflows.workers import ALONE, Workers, refuse_recovery_folder, workers_of
from schemas.events import TopicPartition

RUN = ["/somewhere/bytewax/run.py", "dataflows.chat"]
TWO = ("a:1", "b:2")
POD = {"BYTEWAX_POD_NAME": "chat-1", "BYTEWAX_STATEFULSET_NAME": "chat"}


@pytest.mark.parametrize(
    ("argv", "environ", "expected"),
    [
        ([], {}, ALONE),
        (["-w", "1"], {}, ALONE),
        (["-r", "var/recovery", "-s", "2", "-b", "0"], {}, ALONE),
        (["-i", "1", "-a", "a:1;b:2"], {}, Workers(1, TWO)),
        (["-i0", "-aa:1"], {}, Workers(0, ("a:1",))),
        ([], {"BYTEWAX_PROCESS_ID": "1", "BYTEWAX_ADDRESSES": "a:1;b:2"}, Workers(1, TWO)),
        (["-i", "0"], {"BYTEWAX_PROCESS_ID": "1", "BYTEWAX_ADDRESSES": "a:1;b:2"}, Workers(0, TWO)),
        ([], {**POD, "BYTEWAX_ADDRESSES": "a:1;b:2"}, Workers(1, TWO)),
    ],
    ids=["alone", "one-worker", "recovery", "arguments", "one", "variables", "both", "pod"],
)
def test_the_processes_are_those_that_the_engine_starts(
    argv: list[str], environ: dict[str, str], expected: Workers
) -> None:
    assert workers_of([*RUN, *argv], environ) == expected


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        (("a:1",), [0]),
        (("localhost:1", "localhost:2", "localhost:3"), [0, 1, 2]),
        (("chat-0.chat:1", "chat-1.chat:1"), [0, 0]),
        (("a:1", "b:1", "a:2", "b:2"), [0, 0, 1, 1]),
    ],
    ids=["alone", "one-host", "pods", "two-hosts"],
)
def test_processes_on_one_host_count_their_ports_up(
    addresses: tuple[str, ...], expected: list[int]
) -> None:
    processes = [Workers(number, addresses) for number in range(len(addresses))]
    assert [process.earlier_on_this_host for process in processes] == expected


def test_a_pod_finds_the_addresses_in_a_file(tmp_path: Path) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text("a:1\n\n b:2\n")

    found = workers_of(RUN, {**POD, "BYTEWAX_HOSTFILE_PATH": str(hosts)})

    assert found == Workers(1, TWO)


@pytest.mark.parametrize(
    ("argv", "environ", "words"),
    [
        (["-w", "2"], {}, "-w 2: threads share one interpreter"),
        (["-w2"], {}, "-w 2: threads"),
        ([], {"BYTEWAX_WORKERS_PER_PROCESS": "4"}, "-w 4: threads"),
        (["-a", "a:1;b:2"], {}, "-i and -a belong together"),
        (["-i", "0"], {}, "-i and -a belong together"),
        ([], POD, "-i and -a belong together"),
        (["-i", "2", "-a", "a:1;b:2"], {}, "-i 2: of 2 addresses .* numbered 0 to 1"),
        (["-i", "x", "-a", "a:1;b:2"], {}, "-i x: of 2 addresses"),
        (["-i", "0", "-a", "a:1;"], {}, "every process needs an address of its own"),
        (["-i", "0", "-a", "a:1;a:1"], {}, "every process needs an address of its own"),
        ([], {**POD, "BYTEWAX_HOSTFILE_PATH": "/nowhere"}, "/nowhere .* cannot be read"),
    ],
)
def test_what_makes_no_cluster_is_refused_by_its_name(
    argv: list[str], environ: dict[str, str], words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words):
        workers_of([*RUN, *argv], environ)


def test_several_processes_keep_no_recovery_folder() -> None:
    refuse_recovery_folder(Workers(0, ("a:1",)), Path("var"))
    refuse_recovery_folder(Workers(0, TWO), None)
    with pytest.raises(ConfigurationError, match="-r var: several processes"):
        refuse_recovery_folder(Workers(0, TWO), Path("var"))


PARTITIONS = [TopicPartition(topic, number) for topic in "xyz" for number in range(3)]


@pytest.mark.parametrize("processes", [1, 2, 3, 5, 12])
def test_every_partition_is_read_by_one_process(processes: int) -> None:
    all_of_them = [Workers(n, tuple(map(str, range(processes)))) for n in range(processes)]

    found = Counter(p for workers in all_of_them for p in workers.share(reversed(PARTITIONS)))

    assert found == Counter(PARTITIONS)


def test_the_first_of_several_reads_least() -> None:
    counts = {n: len(Workers(0, ("",) * n).share(PARTITIONS)) for n in (1, 2, 3, 4)}

    assert counts == {1: 9, 2: 2, 3: 0, 4: 0}
