"""Trains by scikit-learn's MLPRegressor, as many epochs in one `fit` as fill the time."""

import time
import warnings
from collections.abc import Callable

from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor

from worker import LEARNING_RATE, Case, serve


def prepare(case: Case) -> Callable[[float], int]:
    inputs, targets = case.samples()
    if targets.shape[1] == 1:
        targets = targets.ravel()
    model = MLPRegressor(
        hidden_layer_sizes=case.widths[1:-1], activation=case.activation, solver="sgd", alpha=0,
        momentum=0, batch_size=case.batch, learning_rate_init=LEARNING_RATE,
        warm_start=True,
        # Never early: it shall train as many epochs as it is told.
        tol=0, n_iter_no_change=10**9)
    epoch_seconds = 0.0

    def train(seconds: float) -> int:
        nonlocal epoch_seconds
        epochs = max(1, int(seconds / epoch_seconds)) if epoch_seconds else 1
        model.max_iter = epochs
        start = time.perf_counter()
        model.fit(inputs, targets)
        epoch_seconds = (time.perf_counter() - start) / epochs
        return epochs * case.rows

    return train


if __name__ == "__main__":
    # Every `fit` ends at its last epoch and warns of it.
    warnings.simplefilter("ignore", ConvergenceWarning)
    serve(prepare)
