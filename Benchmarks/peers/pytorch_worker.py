"""Trains by PyTorch in eager mode, with the loop that its users write."""

import os
import time
from collections.abc import Callable

import torch
from torch import nn

from worker import LEARNING_RATE, Case, serve

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh}


def network(case: Case) -> nn.Sequential:
    operators = []
    for inputs, outputs in zip(case.widths, case.widths[1:]):
        operators += [nn.Linear(inputs, outputs), ACTIVATIONS[case.activation]()]
    return nn.Sequential(*operators[:-1])


def prepare(case: Case) -> Callable[[float], int]:
    model = network(case)
    inputs, targets = (torch.from_numpy(table) for table in case.samples())
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
    loss_of = nn.MSELoss()

    def train(seconds: float) -> int:
        end = time.perf_counter() + seconds
        samples = 0
        while True:
            for chosen in torch.randperm(case.rows).split(case.batch):
                optimizer.zero_grad(set_to_none=True)
                loss = loss_of(model(inputs[chosen]), targets[chosen])
                loss.backward()
                optimizer.step()
                samples += len(chosen)
                if time.perf_counter() >= end:
                    return samples

    return train


if __name__ == "__main__":
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    torch.set_num_interop_threads(1)
    serve(prepare)
