"""What the peers' workers share: the protocol of lines, the networks and the data."""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

LEARNING_RATE = 0.001


@dataclass(frozen=True)
class Case:
    """What is trained: a chain of linear operators with an activation between each two."""

    widths: tuple[int, ...]
    activation: str
    batch: int
    rows: int
    threads: int

    @classmethod
    def of(cls, command: dict) -> "Case":
        widths = tuple(int(width) for width in command["network"].split("-"))
        return cls(
            widths, command["activation"], command["batch"], command["rows"], command["threads"])

    def samples(self) -> tuple[np.ndarray, np.ndarray]:
        """Inputs and targets, a row for each sample."""
        inputs = noise(self.rows, self.widths[0], 0)
        return inputs, noise(self.rows, self.widths[-1], inputs.size)


def noise(rows: int, columns: int, start: int) -> np.ndarray:
    """Numbers in [-1, 1) that look random, the same as the Swift worker makes."""
    index = np.arange(start, start + rows * columns, dtype=np.uint32)
    mixed = index * index * np.uint32(2_654_435_761)
    numbers = (mixed >> np.uint32(8)).astype(np.float32) / np.float32(8_388_608) - np.float32(1)
    return numbers.reshape(rows, columns)


def serve(prepare: Callable[[Case], Callable[[float], int]]) -> None:
    """Answers commands until the input ends.

    `prepare` makes what trains a case for about a number of seconds and gives the samples
    trained. It is kept between the rounds; its first use is not counted, but told as `setup`.
    """
    trainings = {}
    for line in sys.stdin:
        command = json.loads(line)
        case = Case.of(command)
        try:
            start = time.perf_counter()
            if case not in trainings:
                trainings[case] = prepare(case)
                trainings[case](0)
            setup = time.perf_counter() - start
            start = time.perf_counter()
            samples = trainings[case](command["seconds"])
            seconds = time.perf_counter() - start
            answer = {"samples": samples, "seconds": seconds, "setup": setup}
        except Exception as error:  # The driver prints it and goes on with the others.
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
