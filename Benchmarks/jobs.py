"""Measures how jobs are kept and run, and prints rows of a Markdown table.

    python3 jobs.py --descent PROGRAM [--quick]

It needs `wrk`. Each figure is of a server of its own on an empty data folder; the machine's time of one
fsync is measured beside them, since it bounds the rest.
"""

import argparse
import http.client
import json
import os
import re
import signal
import sqlite3
import statistics
import subprocess
import tempfile
import threading
import time

XOR = json.dumps(
    {
        "network": {
            "operators": {
                "1": {"type": "linear", "out_features": 4},
                "2": "tanh",
                "3": {"type": "linear", "out_features": 1},
            },
            "connectivity": {"1": [2], "2": [3], "3": []},
        },
        "dataset": {
            "train": {
                "inputs": [[0, 0], [0, 1], [1, 0], [1, 1]],
                "targets": [[0], [1], [1], [0]],
            }
        },
        "training": {"epochs": 100, "batch_size": 4},
    }
)


def row(what, goal, measured, met):
    print(f"| {what} | {goal} | {measured} | {'met' if met else 'missed'} |", flush=True)


class Server:
    def __init__(self, program, folder, *options):
        began = time.monotonic()
        self.process = subprocess.Popen(
            [program, "serve", "--port", "0", "--data", folder, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.port = int(self.process.stdout.readline().decode().rsplit(":", 1)[1])
        self.seconds_to_start = time.monotonic() - began

    def end(self, number=signal.SIGTERM):
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait()
        self.process.stdout.close()
        return time.monotonic() - began

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)


def ask(connection, method, path, body=None, headers=None):
    connection.request(
        method, path, body, {"Content-Type": "application/json", **(headers or {})}
    )
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read() or b"null")


def quantile(numbers, share):
    return sorted(numbers)[min(len(numbers) - 1, int(share * len(numbers)))]


def fsync(folder):
    times = []
    with open(os.path.join(folder, "fsync"), "wb") as file:
        for _ in range(300):
            file.write(b"x" * 4096)
            file.flush()
            began = time.monotonic()
            os.fsync(file.fileno())
            times.append(time.monotonic() - began)
    print(
        f"| one fsync of 4 KiB on this machine | | median {1e3 * statistics.median(times):.2f} ms, "
        f"p99 {1e3 * quantile(times, 0.99):.2f} ms | |"
    )


def paused(program, folder):
    """A server whose one worker is busy, so that submissions only queue."""
    server = Server(program, folder, "--workers", "1")
    body = json.loads(XOR)
    body["training"]["epochs"] = 1_000_000
    body["dataset"] = {"generator": "disc", "train": 1000}
    connection = server.connection()
    ask(connection, "POST", "/jobs", json.dumps(body))
    return server, connection


def queued_jobs(server):
    connection = server.connection()
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    return int(re.search(r'descent_jobs{status="queued"} (\d+)', text).group(1))


def one_client(program, root, count):
    server, connection = paused(program, os.path.join(root, "one"))
    times = []
    for _ in range(count):
        began = time.monotonic()
        status, _ = ask(connection, "POST", "/jobs", XOR)
        times.append(time.monotonic() - began)
        assert status == 202
    server.end(signal.SIGKILL)
    p99 = 1e3 * quantile(times, 0.99)
    row(
        "submission to `202`, one client",
        "p99 at most 10 ms",
        f"p99 {p99:.2f} ms, median {1e3 * statistics.median(times):.2f} ms, of {count}",
        p99 <= 10,
    )


def many_clients(program, root, seconds):
    server, _ = paused(program, os.path.join(root, "many"))
    script = os.path.join(root, "post.lua")
    with open(script, "w") as file:
        file.write(
            'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
            f"wrk.body = [==[{XOR}]==]\n"
        )
    output = subprocess.run(
        ["wrk", "-t1", "-c64", f"-d{seconds}s", "-s", script, f"http://127.0.0.1:{server.port}/jobs"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    took = float(re.search(r"requests in ([0-9.]+)s", output).group(1))
    # What the server has, not what wrk believes that it sent.
    stored = queued_jobs(server)
    server.end(signal.SIGKILL)
    rate = stored / took
    row(
        "submissions by 64 clients",
        "3,000 a second",
        f"{rate:,.0f} a second over {took:.1f} s",
        rate >= 3000,
    )


def tiny_jobs(program, root, count):
    """From the first submission to the last result, submitted on eight connections."""
    server = Server(program, os.path.join(root, "tiny"))
    began = time.monotonic()

    def submit():
        connection = server.connection()
        for _ in range(count // 8):
            ask(connection, "POST", "/jobs", XOR)

    threads = [threading.Thread(target=submit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    connection = server.connection()
    while True:
        _, queued = ask(connection, "GET", "/jobs?status=queued&limit=1")
        _, running = ask(connection, "GET", "/jobs?status=running&limit=1")
        if not queued["data"] and not running["data"]:
            break
        time.sleep(0.002)
    took = time.monotonic() - began
    server.end()
    rate = count // 8 * 8 / took
    row(
        "XOR, 2-4-1, 100 epochs, from submission to result",
        "1,000 jobs a second",
        f"{rate:,.0f} a second, {count} jobs by 8 clients in Python",
        rate >= 1000,
    )


def start_delay(program, root, count):
    server = Server(program, os.path.join(root, "delay"))
    connection = server.connection()
    delays = []
    for _ in range(count):
        _, job = ask(connection, "POST", "/jobs", XOR, {"Prefer": "wait=10"})
        delays.append(milliseconds(job["started_at"]) - milliseconds(job["created_at"]))
    server.end()
    p99 = quantile(delays, 0.99)
    row(
        "from submission to start, idle",
        "p99 at most 20 ms",
        f"p99 {p99} ms, median {statistics.median(delays):.0f} ms, of {count}, in whole ms",
        p99 <= 20,
    )


def milliseconds(text):
    hours, minutes, seconds = text[11:23].split(":")
    return round(1000 * (3600 * int(hours) + 60 * int(minutes) + float(seconds)))


def start_full(program, root, queued, finished):
    """Rows are copied from two real ones by SQL, so that filling takes seconds."""
    folder = os.path.join(root, "full")
    server = Server(program, folder)
    connection = server.connection()
    ask(connection, "POST", "/jobs", XOR, {"Prefer": "wait=10"})
    server.end()
    database = sqlite3.connect(os.path.join(folder, "jobs.sqlite"))
    database.execute("PRAGMA synchronous = OFF")
    columns = [column[1] for column in database.execute("PRAGMA table_info(job)")]
    ended = dict(zip(columns, database.execute("SELECT * FROM job").fetchone()))
    waiting = {
        **ended,
        "status": "queued",
        "started_at": None,
        "finished_at": None,
        "summary": None,
        "progress": None,
        "attempt": 0,
        "epoch": 0,
        "used": 0,
        "events": 0,
    }
    insert = f"INSERT INTO job ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"

    def rows(template, count, first):
        for number in range(count):
            yield [
                f"job_{first + number:032x}" if name == "id" else template[name]
                for name in columns
            ]

    database.executemany(insert, rows(ended, finished, 1))
    database.executemany(insert, rows(waiting, queued, 1 << 40))
    database.execute(
        "INSERT INTO job_blob SELECT job.id, role, blob FROM job, job_blob AS known"
        " WHERE job.status = 'queued' AND role = 'dataset'"
    )
    database.commit()
    database.close()
    starts = []
    for _ in range(3):
        server = Server(program, folder)
        starts.append(server.seconds_to_start)
        # Some have begun by now.
        assert queued_jobs(server) > 0.9 * queued
        server.end(signal.SIGKILL)
    worst = max(starts)
    row(
        f"start with {queued:,} queued and {finished:,} ended jobs",
        "at most 1 s",
        f"{worst:.2f} s, the worst of 3",
        worst <= 1,
    )


def checkpoint_cost(program, root, rounds):
    """The same training by turns with and without, long enough for some checkpoints."""
    body = {
        "network": {
            "operators": {
                "1": {"type": "linear", "out_features": 512},
                "2": "relu",
                "3": {"type": "linear", "out_features": 512},
                "4": "relu",
                "5": {"type": "linear", "out_features": 1},
            },
            "connectivity": {"1": [2], "2": [3], "3": [4], "4": [5], "5": []},
        },
        "dataset": {"generator": "disc", "train": 2000},
        "training": {"epochs": 400, "batch_size": 50, "optimizer": "adam"},
    }
    server = Server(program, os.path.join(root, "cost"), "--workers", "1", "--threads", "1")
    connection = server.connection()

    def seconds(interval):
        body["training"]["checkpoint_seconds"] = interval
        _, job = ask(connection, "POST", "/jobs", json.dumps(body), {"Prefer": "wait=60"})
        _, history = ask(connection, "GET", f"/jobs/{job['id']}/metrics")
        _, events = ask(connection, "GET", f"/jobs/{job['id']}/events?limit=1000")
        made = [event["type"] for event in events["data"]].count("checkpoint")
        return history["seconds"][-1], made

    ratios = []
    made = 0
    for _ in range(rounds):
        without, _ = seconds(3600)
        with_checkpoints, made = seconds(1)
        ratios.append(with_checkpoints / without)
    server.end()
    cost = 100 * (statistics.median(ratios) - 1)
    row(
        "checkpoints of 5.3 MB, one a second",
        "at most 3 % of training",
        f"{cost:.1f} %, median of {rounds} rounds, {made} checkpoints in {with_checkpoints:.1f} s",
        cost <= 3,
    )


def stop_time(program, root):
    server, connection = paused(program, os.path.join(root, "stop"))
    time.sleep(1)
    took = server.end()
    row("`SIGTERM` to the end while a job trains", "at most 10 s", f"{took:.2f} s", took <= 10)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--descent", required=True)
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    few = arguments.quick
    print("| what | goal | measured | |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as root:
        fsync(root)
        one_client(arguments.descent, root, 500 if few else 3000)
        many_clients(arguments.descent, root, 1)
        tiny_jobs(arguments.descent, root, 800 if few else 8000)
        start_delay(arguments.descent, root, 100 if few else 1000)
        if few:
            start_full(arguments.descent, root, 1000, 10_000)
        else:
            start_full(arguments.descent, root, 100_000, 1_000_000)
        checkpoint_cost(arguments.descent, root, 3 if few else 7)
        stop_time(arguments.descent, root)


if __name__ == "__main__":
    main()
