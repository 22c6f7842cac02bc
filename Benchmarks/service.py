"""The time from `POST /jobs` to the result, as a client of the server sees it."""

import http.client
import json
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit


@contextmanager
def server(program: Path):
    """Starts `descent serve` with an empty data folder, and gives its address."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [program, "serve", "--port", "0", "--data", f"{folder}/data"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            yield urlsplit(process.stdout.readline().strip()).netloc
        finally:
            process.terminate()
            process.wait()


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def wait_for_port(port: int) -> None:
    """Waits until somebody listens on the port, ten seconds at most."""
    end = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def median_seconds(address: str, request: Path, rounds: int) -> float:
    """Posts a request again and again on one connection; the first time is not counted."""
    connection = http.client.HTTPConnection(address)
    body = request.read_bytes()
    seconds = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        connection.request(
            "POST", "/jobs", body, {"Content-Type": "application/json", "Prefer": "wait=60"})
        job = json.loads(connection.getresponse().read())
        seconds.append(time.perf_counter() - start)
        if job.get("status") != "succeeded":
            raise RuntimeError(f"{request.name}: {job}")
    connection.close()
    return median(seconds[1:])
