"""The processes that are measured: each answers a line of JSON by a line of JSON."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parent
PEERS = {
    "pytorch": "PyTorch eager",
    "jax": "JAX, one jit",
    "sklearn": "scikit-learn",
}


class Refusal(Exception):
    """A worker cannot do what it was told."""


class Worker:
    """A process on some cores, which sleeps while another one is measured."""

    def __init__(self, command: list[str], cores: list[int], environment: dict[str, str]):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, **environment},
            preexec_fn=lambda: os.sched_setaffinity(0, cores))
        self.process.send_signal(signal.SIGSTOP)

    @classmethod
    def descent(cls, program: Path, threads: int) -> "Worker":
        return cls([str(program)], cores(threads), {})

    @classmethod
    def peer(cls, name: str, threads: int) -> "Worker":
        program = BENCHMARKS / "peers" / f"{name}_worker.py"
        many = "true" if threads > 1 else "false"
        limits = {
            "OMP_NUM_THREADS": str(threads),
            "OPENBLAS_NUM_THREADS": str(threads),
            "MKL_NUM_THREADS": str(threads),
            "JAX_PLATFORMS": "cpu",
            "NPROC": str(threads),
            "XLA_FLAGS": f"--xla_cpu_multi_thread_eigen={many} "
                         f"intra_op_parallelism_threads={threads}",
        }
        return cls([sys.executable, str(program)], cores(threads), limits)

    def ask(self, **command) -> dict:
        # Threads of a pool may spin while they wait for work, so that whoever is not asked stands
        # still instead of taking a core from the others.
        self.process.send_signal(signal.SIGCONT)
        try:
            self.process.stdin.write(json.dumps(command) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise Refusal("the worker has ended")
        self.process.send_signal(signal.SIGSTOP)
        answer = json.loads(line)
        if "error" in answer:
            raise Refusal(answer["error"])
        return answer

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


class Load:
    """What other programs take of the cores while workers are measured."""

    def __init__(self, workers: list[Worker], threads: int):
        self.workers = workers
        self.names = {f"cpu{core}" for core in cores(threads)}
        self.start = self._ticks()

    def _ticks(self) -> tuple[int, int, int]:
        """All ticks of the cores, the busy ones, and those of the workers."""
        every = busy = own = 0
        for line in Path("/proc/stat").read_text().splitlines():
            name, *counts = line.split()
            if name in self.names:
                # user, nice, system, idle, iowait, irq, softirq, steal; guests are in user.
                numbers = [int(count) for count in counts[:8]]
                every += sum(numbers)
                busy += sum(numbers) - numbers[3] - numbers[4]
        for worker in self.workers:
            # The name, which may hold spaces, ends with the last parenthesis.
            stat = Path(f"/proc/{worker.process.pid}/stat").read_text().rpartition(")")[2].split()
            own += int(stat[11]) + int(stat[12])
        return every, busy, own

    def others_share(self) -> float:
        """From 0 to 1, since this was made."""
        every, busy, own = (end - start for start, end in zip(self.start, self._ticks()))
        return max(0, busy - own) / max(1, every)


def cores(threads: int) -> list[int]:
    """The cores to run on; from the end, since the first is the busiest with interrupts."""
    return sorted(os.sched_getaffinity(0))[-threads:]
