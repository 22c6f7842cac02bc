"""Kills a server again and again while clients submit jobs, and counts what was lost.

    python3 killloop.py --descent PROGRAM [--kills N] [--seed N] [--folder FOLDER]
    python3 killloop.py --descent PROGRAM --long SECONDS --cuts N

The first form lets clients submit small trainings, each with an idempotency key that is repeated until
the server acknowledges it, while the server is ended by SIGKILL at random moments, its start included.
At the end every acknowledged job must be there once, have succeeded with the hash of an undisturbed run,
and have gapless events with one end. Jobs that were killed three times without a checkpoint between fail
by rule; they are counted by themselves.

The second form trains one job of about so many seconds undisturbed and, at the same time, once more with
so many cuts by SIGKILL or SIGTERM, and compares their hashes and the losses of every epoch.

It ends with 1 if anything was lost, doubled or different.
"""

import argparse
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

CLIENTS = 4
OUTSTANDING_MAX = 12


class Server:
    """`descent serve` on a folder, which outlives it."""

    def __init__(self, program, folder, *options):
        self.command = [program, "serve", "--port", "0", "--data", folder, *options]
        self.log = open(os.path.join(folder, "..", "server.log"), "ab")
        self.process = None
        self.port = None

    def start(self):
        self.port = None
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.PIPE, stderr=self.log
        )

    def wait_until_ready(self):
        line = self.process.stdout.readline().decode().strip()
        if not line:
            return False
        self.port = int(line.rsplit(":", 1)[1])
        return True

    def end(self, number):
        self.process.send_signal(number)
        code = self.process.wait()
        self.process.stdout.close()
        return code


def request(port, method, path, body=None, headers=None):
    """One request on a connection of its own; raises OSError or HTTPException if it is cut off."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=70)
    try:
        connection.request(
            method, path, body, {"Content-Type": "application/json", **(headers or {})}
        )
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"null")
    finally:
        connection.close()


def training(seed, epochs, checkpoint_seconds=None, hidden=8, rows=100, keeps_best=True):
    options = {
        "epochs": epochs,
        "batch_size": 10,
        "optimizer": "adam",
        "seed": seed,
    }
    if keeps_best:
        options["early_stopping"] = {"patience": 1_000_000}
    if checkpoint_seconds:
        options["checkpoint_seconds"] = checkpoint_seconds
    return json.dumps(
        {
            "network": {
                "operators": {
                    "1": {"type": "linear", "out_features": hidden},
                    "2": "batch_norm",
                    "3": "tanh",
                    "4": {"type": "dropout", "rate": 0.1},
                    "5": {"type": "linear", "out_features": 1},
                },
                "connectivity": {"1": [2], "2": [3], "3": [4], "4": [5], "5": []},
            },
            "dataset": {"generator": "disc", "train": rows, "validation": 20, "seed": seed},
            "training": options,
        }
    )


VARIANTS = [training(seed, 20) for seed in range(1, 9)] + [
    training(seed, 3_000, checkpoint_seconds=0.01) for seed in range(1, 3)
]


class Clients:
    """Submit jobs under keys until each is acknowledged, and check those that have ended."""

    def __init__(self, server, expected, seed):
        self.server = server
        self.expected = expected
        self.lock = threading.Lock()
        self.acknowledged = {}
        self.checked = 0
        self.deleted = 0
        self.by_rule = 0
        self.faults = []
        self.is_over = threading.Event()
        self.threads = [
            threading.Thread(target=self.run, args=(number, random.Random(f"{seed}/{number}")))
            for number in range(CLIENTS)
        ]

    def start(self):
        for thread in self.threads:
            thread.start()

    def finish(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join()

    def ask(self, *arguments):
        """Asks until there is an answer that a living server gave."""
        while True:
            port = self.server.port
            try:
                if port is None:
                    raise ConnectionError
                status, document = request(port, *arguments)
                if status not in (429, 503):
                    return status, document
            except (OSError, http.client.HTTPException, ValueError):
                pass
            time.sleep(0.005)

    def run(self, number, rng):
        count = 0
        outstanding = []
        while not self.is_over.is_set() or outstanding:
            if not self.is_over.is_set() and len(outstanding) < OUTSTANDING_MAX:
                count += 1
                key = f"client-{number}-{count}"
                variant = rng.randrange(len(VARIANTS))
                status, job = self.ask(
                    "POST", "/jobs", VARIANTS[variant], {"Idempotency-Key": key}
                )
                if status not in (200, 202):
                    self.fault(f"{key} was refused with {status}: {job}")
                    continue
                with self.lock:
                    self.acknowledged[key] = job["id"]
                outstanding.append((key, job["id"], variant))
            else:
                self.check_one(outstanding, rng)

    def check_one(self, outstanding, rng):
        key, job_id, variant = outstanding[0]
        status, job = self.ask("GET", f"/jobs/{job_id}")
        if status != 200:
            outstanding.pop(0)
            return self.fault(f"{key} is lost: {status} {job}")
        if job["finished_at"] is None:
            outstanding.append(outstanding.pop(0))
            return time.sleep(0.01)
        outstanding.pop(0)
        self.check(key, job, variant)
        # An acknowledged deletion must last as well.
        if rng.random() < 0.5:
            status, _ = self.ask("DELETE", f"/jobs/{job_id}")
            # A deletion whose answer was cut off finds nothing the second time.
            if status not in (204, 404):
                self.fault(f"{key} could not be deleted: {status}")
            status, _ = self.ask("GET", f"/jobs/{job_id}")
            if status != 404:
                self.fault(f"{key} was deleted and is there: {status}")
            with self.lock:
                self.deleted += 1
                del self.acknowledged[key]

    def check(self, key, job, variant):
        with self.lock:
            self.checked += 1
        _, events = self.ask("GET", f"/jobs/{job['id']}/events?limit=1000")
        numbers = [event["id"] for event in events["data"]]
        if numbers != list(range(1, len(numbers) + 1)):
            self.fault(f"{key} has gaps in its events: {numbers}")
        ends = [event["type"] for event in events["data"]].count("done")
        if ends != 1 and not events["has_more"]:
            self.fault(f"{key} ended {ends} times")
        if job["status"] == "failed" and job["error"]["code"] == "crashed_repeatedly":
            with self.lock:
                self.by_rule += 1
        elif job["status"] != "succeeded":
            self.fault(f"{key} is {job['status']}: {job['error']}")
        elif job["result"]["weights_sha256"] != self.expected[variant]:
            self.fault(f"{key} has other bits, after {job['restarts']} restarts")

    def fault(self, text):
        with self.lock:
            self.faults.append(text)
        print(text, file=sys.stderr)


def hashes(program, folder, bodies):
    """What each of the trainings gives undisturbed."""
    os.makedirs(folder)
    server = Server(program, folder)
    server.start()
    server.wait_until_ready()
    found = []
    for body in bodies:
        _, job = request(server.port, "POST", "/jobs", body, {"Prefer": "wait=60"})
        found.append(job["result"]["weights_sha256"])
    server.end(signal.SIGTERM)
    return found


def kill_loop(program, kills, seed, root):
    rng = random.Random(seed)
    expected = hashes(program, os.path.join(root, "undisturbed"), VARIANTS)
    folder = os.path.join(root, "killed")
    os.makedirs(folder)
    server = Server(program, folder)
    server.start()
    if not server.wait_until_ready():
        sys.exit("the server did not start")
    clients = Clients(server, expected, seed)
    clients.start()
    began = time.monotonic()
    for kill in range(1, kills + 1):
        # Mostly while it works, sometimes while it starts.
        if rng.random() < 0.9:
            time.sleep(rng.expovariate(1 / 0.12))
        server.port = None
        server.end(signal.SIGKILL)
        server.start()
        if rng.random() < 0.1:
            time.sleep(rng.random() * 0.03)
            continue
        if not server.wait_until_ready():
            sys.exit(f"the server did not start after kill {kill}: see {folder}/../server.log")
        if kill % 500 == 0:
            print(
                f"{kill} kills, {clients.checked} jobs checked, {time.monotonic() - began:.0f} s",
                file=sys.stderr,
            )
    if server.port is None:
        server.wait_until_ready()
    clients.finish()
    listed = []
    after = ""
    while True:
        _, page = request(server.port, "GET", f"/jobs?limit=100&order=asc{after}")
        listed += [job["id"] for job in page["data"]]
        if not page["has_more"]:
            break
        after = f"&after={page['last_id']}"
    acknowledged = sorted(clients.acknowledged.values())
    lost = set(acknowledged) - set(listed)
    surplus = set(listed) - set(acknowledged)
    code = server.end(signal.SIGTERM)
    doubled = len(acknowledged) - len(set(acknowledged))
    print(
        f"{kills} kills in {time.monotonic() - began:.0f} s, seed {seed}: {clients.checked} jobs, "
        f"{clients.deleted} of them deleted; {len(lost)} lost, {len(surplus) + doubled} doubled, "
        f"{len(clients.faults)} faults; {clients.by_rule} ended by crashed_repeatedly; exit {code}"
    )
    return bool(lost or surplus or doubled or clients.faults or code)


def long_job(program, seconds, cuts, seed, root):
    rng = random.Random(seed)
    probe = training(1, 200, hidden=64, rows=1_000, keeps_best=False)
    folder = os.path.join(root, "probe")
    os.makedirs(folder)
    server = Server(program, folder, "--threads", "1")
    server.start()
    server.wait_until_ready()
    _, job = request(server.port, "POST", "/jobs", probe, {"Prefer": "wait=60"})
    server.end(signal.SIGTERM)
    epochs = max(1, int(200 * seconds / job["duration_seconds"]))
    # The last epoch's parameters are the result, so that every step counts.
    body = training(1, epochs, hidden=64, rows=1_000, keeps_best=False)
    ends = {}

    def run(name, cuts):
        folder = os.path.join(root, name)
        os.makedirs(folder)
        server = Server(program, folder, "--threads", "1", "--workers", "1")
        server.start()
        server.wait_until_ready()
        began = time.monotonic()
        _, job = request(server.port, "POST", "/jobs", body)
        path = f"/jobs/{job['id']}"
        moments = sorted(rng.uniform(0.02, 0.95) * seconds for _ in range(cuts))
        for moment in moments:
            time.sleep(max(0, began + moment - time.monotonic()))
            server.end(rng.choice([signal.SIGKILL, signal.SIGTERM]))
            server.start()
            server.wait_until_ready()
        while job["finished_at"] is None:
            _, job = request(server.port, "GET", path, None, {"Prefer": "wait=60"})
        _, events = request(server.port, "GET", f"{path}/events?limit=1000")
        checkpoints = [event["type"] for event in events["data"]].count("checkpoint")
        _, history = request(server.port, "GET", f"{path}/metrics")
        history.pop("seconds")
        server.end(signal.SIGTERM)
        ends[name] = (job, checkpoints, time.monotonic() - began, history)

    threads = [
        threading.Thread(target=run, args=arguments) for arguments in (("uncut", 0), ("cut", cuts))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    texts = []
    for name, (job, checkpoints, elapsed, _) in sorted(ends.items()):
        texts.append(
            f"{name}: {job['status']} after {elapsed:.0f} s, {job['restarts']} restarts, "
            f"{checkpoints} checkpoints, {(job['result'] or {}).get('weights_sha256', '')[:16]}"
        )
    same = all(
        ends["cut"][0][member] == ends["uncut"][0][member] for member in ("result", "metrics")
    ) and ends["cut"][3] == ends["uncut"][3]
    print(f"{epochs} epochs, {cuts} cuts, seed {seed}: {'same' if same else 'OTHER'} bits; " + "; ".join(texts))
    return not same


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--descent", required=True)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--long", type=float)
    parser.add_argument("--cuts", type=int, default=20)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        if arguments.long:
            return long_job(arguments.descent, arguments.long, arguments.cuts, arguments.seed, root)
        return kill_loop(arguments.descent, arguments.kills, arguments.seed, root)


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
