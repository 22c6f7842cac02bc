"""Measures Descent beside its peers and prints tables in Markdown; started by Scripts/bench."""

import argparse
import os
import platform
import sys
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import service
from workers import BENCHMARKS, PEERS, Load, Refusal, Worker

BATCHES = (1, 10, 32, 100, 1000)


@dataclass(frozen=True)
class Network:
    widths: str
    activation: str
    batches: tuple[int, ...]
    rows: int

    @property
    def title(self) -> str:
        return f"{self.widths} {self.activation}"

    @property
    def operations_per_sample(self) -> int:
        """Two for each weight in the forward pass, in the gradient with respect to the weights
        and in that with respect to the input, which the first operator need not compute."""
        widths = [int(width) for width in self.widths.split("-")]
        weights = [inputs * outputs for inputs, outputs in zip(widths, widths[1:])]
        return 6 * sum(weights) - 2 * weights[0]

    def command(self, batch: int, threads: int) -> dict:
        """All batches are full: a compiled loop of JAX has no smaller last one."""
        return {
            "network": self.widths, "activation": self.activation, "batch": batch,
            "rows": max(1, self.rows // batch) * batch, "threads": threads}


NETWORKS = {
    "wide": Network("784-512-512-10", "relu", (1, 10, 32, 100, 128, 1000), 2000),
    "paper": Network("2-25-25-25-1", "relu", BATCHES, 1000),
    "paper-tanh": Network("2-25-25-25-1", "tanh", BATCHES, 1000),
    "tabular": Network("20-64-32-1", "relu", BATCHES, 1000),
}


@dataclass
class Rates:
    """What the rounds of one case gave: samples in a second of each side, and the peak."""

    sides: dict[str, list[float]] = field(default_factory=dict)
    peaks: list[float] = field(default_factory=list)

    def ratio(self, peer: str) -> float:
        """The median of the rounds' ratios, since a round's noise meets both sides."""
        return median(own / other for own, other in zip(self.sides["descent"], self.sides[peer]))


def measure(workers: dict[str, Worker], command: dict, rounds: int, seconds: float) -> Rates:
    """Asks the sides in turn, round by round."""
    rates = Rates()
    refusing = set()
    for _ in range(rounds):
        peak = workers["descent"].ask(peak=True, threads=command["threads"], seconds=0.1)
        rates.peaks.append(peak["operations_per_second"])
        for name, worker in workers.items():
            if name in refusing:
                continue
            try:
                answer = worker.ask(**command, seconds=seconds)
                rates.sides.setdefault(name, []).append(answer["samples"] / answer["seconds"])
            except Refusal as refusal:
                if name == "descent":
                    raise
                refusing.add(name)
                print(f"{name} cannot do {command}: {refusal}", file=sys.stderr)
                rates.sides.pop(name, None)
    return rates


def amount(number: float) -> str:
    for unit, factor in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= factor:
            return f"{number / factor:.3g} {unit}" if number < 100 * factor else (
                f"{number / factor:.0f} {unit}")
    return f"{number:.3g}"


def row(network: Network, command: dict, rates: Rates, peers: list[str]) -> str:
    samples = median(rates.sides["descent"])
    operations = network.operations_per_sample
    share = median(
        rate * operations / peak for rate, peak in zip(rates.sides["descent"], rates.peaks))
    cells = [
        network.title, str(command["batch"]), amount(samples), f"{samples * operations / 1e9:.1f}",
        f"{100 * share:.0f} %"]
    for peer in peers:
        if peer in rates.sides:
            cells.append(f"{rates.ratio(peer):.3g} x ({amount(median(rates.sides[peer]))})")
        else:
            cells.append("-")
    return "| " + " | ".join(cells) + " |"


def print_header(peers: list[str]) -> None:
    titles = "".join(f" vs {PEERS[peer]} |" for peer in peers)
    print(f"| network | batch | samples/s | GFLOP/s | of the peak |{titles}")
    print("|---" * (5 + len(peers)) + "|")


def print_trainings(options: argparse.Namespace, threads: int) -> None:
    """One table: all networks and batches with one number of threads."""
    workers = {"descent": Worker.descent(options.worker, threads)}
    try:
        for peer in options.peers:
            workers[peer] = Worker.peer(peer, threads)
        peaks = []
        load = Load(list(workers.values()), threads)
        print(f"\n### Training, threads: {threads}\n")
        for name in options.networks:
            network = NETWORKS[name]
            for batch in network.batches:
                command = network.command(batch, threads)
                rates = measure(workers, command, options.rounds, options.seconds)
                if not peaks:
                    print_header(options.peers)
                peaks += rates.peaks
                print(row(network, command, rates, options.peers), flush=True)
        print(f"\nPeak, fused multiply-adds alone: {median(peaks) / 1e9:.0f} GFLOP/s. "
              f"Other programs took {100 * load.others_share():.0f} % of the cores' time.")
    except Refusal as refusal:
        print(f"Not measured: {refusal}.")
    finally:
        for worker in workers.values():
            worker.stop()


JOBS = {
    "disc.json": (Network("2-25-25-25-1", "relu", (10,), 1000), 10, 1000 * 1000),
    "xor.json": (Network("2-4-1", "tanh", (4,), 4), 4, 4 * 2000),
}


def print_jobs(options: argparse.Namespace) -> None:
    """Another table: jobs over HTTP, beside the time that the peers' steps alone would take."""
    own = {}
    with service.server(options.descent) as address:
        for name in JOBS:
            request = BENCHMARKS.parent / "Examples" / name
            own[name] = service.median_seconds(address, request, options.rounds)
    peers = [peer for peer in options.peers if peer != "sklearn"]
    print("\n### From POST to result\n")
    print("| job | Descent over HTTP |" + "".join(f" {PEERS[peer]}: steps |" for peer in peers))
    print("|---" * (2 + len(peers)) + "|")
    for name, (network, batch, samples) in JOBS.items():
        cells = [name, f"{1000 * own[name]:.1f} ms"]
        for peer in peers:
            worker = Worker.peer(peer, 1)
            answer = worker.ask(**network.command(batch, 1), seconds=options.seconds)
            worker.stop()
            steps = samples * answer["seconds"] / answer["samples"]
            cells.append(f"{1000 * steps:.0f} ms, and {1000 * answer['setup']:.0f} ms to set up")
        print("| " + " | ".join(cells) + " |")
    print("\nThe peers' times are computed from their measured rates, in a process that has"
          "\nstarted and imported already, without a server, evaluation or storage.")


def print_machine() -> None:
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        lines = dict(
            (part.strip() for part in line.split(":", 1)) for line in file if ":" in line)
    flags = lines.get("flags", "").split()
    found = [flag for flag in ("avx2", "fma", "avx512f") if flag in flags]
    print(f"{lines.get('model name', platform.machine())}, "
          f"{len(os.sched_getaffinity(0))} cores, {' '.join(found) or 'no vector flags told'}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="Scripts/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3 short rounds instead of 7")
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=list(PEERS))
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--without-http", action="store_true", help="trainings only")
    # Scripts/bench names what it has built.
    parser.add_argument("--worker", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--descent", type=Path, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.rounds, options.seconds = (3, 0.2) if options.quick else (7, 0.5)
    return options


def main() -> None:
    options = arguments()
    print_machine()
    cores = len(os.sched_getaffinity(0))
    for threads in options.threads:
        if threads > cores:
            print(f"\nNot measured: {threads} threads on {cores} cores.")
        else:
            print_trainings(options, threads)
    if not options.without_http:
        print_jobs(options)


if __name__ == "__main__":
    main()
