"""The chat flow as several processes, started as a user starts them."""

import signal
from types import TracebackType
from typing import Self

from tests.flow_process import Finished, FlowProcess, FlowSettings
from tests.kafka_server import free_ports


class FlowCluster:
    """Processes of one flow, or one alone; leaving the `with` block kills those that still run."""

    def __init__(self, settings: FlowSettings, processes: int) -> None:
        if processes == 1:
            self._processes = [FlowProcess(settings.but(recovery=True))]
            return
        addresses = ";".join(f"127.0.0.1:{port}" for port in free_ports(processes))
        self._processes = [
            FlowProcess(
                settings.but(
                    folder=settings.folder / f"process-{number}",
                    recovery=False,
                    more_arguments=("-i", str(number), "-a", addresses),
                )
            )
            for number in range(processes)
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._processes:
            process.__exit__(kind, error, trace)

    def __getitem__(self, number: int) -> FlowProcess:
        return self._processes[number]

    def send_signal(self, number: signal.Signals) -> None:
        """To all of them."""
        for process in self._processes:
            process.send_signal(number)

    def wait(self) -> list[Finished]:
        """Wait for the end of all, in the order of their numbers."""
        return [process.wait() for process in self._processes]
