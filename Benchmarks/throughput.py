"""Requests a second of Descent, Hummingbird and nginx, side by side; started by Scripts/bench-http.

Prints a row of Markdown for each route. The three answer the same bytes under the same load, in turn,
round by round; what counts is the median of the rounds.
"""

import argparse
import http.client
import json
import re
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

import service

JOB = {
    "network": {
        "operators": {"1": {"type": "linear", "in_features": 2, "out_features": 1}},
        "connectivity": {"1": []}},
    "dataset": {"generator": "disc", "train": 100, "test": 20},
    "training": {"epochs": 10}}

NGINX = """
daemon off; worker_processes auto; error_log stderr error; pid {folder}/pid;
events {{ worker_connections 4096; }}
http {{
  access_log off; default_type application/json; keepalive_requests 1000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location = /livez {{ return 200 '{live}'; }}
    location /jobs/ {{ return 200 '{job}'; }}
  }}
}}
"""


def get(address: str, path: str) -> bytes:
    connection = http.client.HTTPConnection(address, timeout=10)
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    if response.status != 200:
        raise RuntimeError(f"{address}{path}: {response.status} {body!r}")
    return body


def posted_job(address: str) -> str:
    """Posts a job, waits for its end and gives its path."""
    connection = http.client.HTTPConnection(address, timeout=60)
    headers = {"Content-Type": "application/json", "Prefer": "wait=30"}
    connection.request("POST", "/jobs", json.dumps(JOB), headers)
    job = json.loads(connection.getresponse().read())
    connection.close()
    if job.get("status") != "succeeded":
        raise RuntimeError(f"POST /jobs: {job}")
    return f"/jobs/{job['id']}"


@contextmanager
def running(*command, **options):
    process = subprocess.Popen([str(part) for part in command], **options)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


@contextmanager
def hummingbird(program: Path, job: bytes):
    """Starts the program of `HummingbirdPeer`, and gives its address."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(job)
        file.flush()
        with running(program, file.name, stdout=subprocess.PIPE, text=True) as process:
            yield process.stdout.readline().strip().removeprefix("http://")


@contextmanager
def nginx(program: str, live: bytes, job: bytes):
    """Starts nginx on a port that was free a moment ago, and gives its address."""
    with tempfile.TemporaryDirectory() as folder:
        port = service.free_port()
        configuration = Path(folder, "nginx.conf")
        # Quotes and dollars in the bodies would mean something to nginx; JSON of jobs has neither.
        configuration.write_text(NGINX.format(
            folder=folder, port=port, live=live.decode(), job=job.decode()))
        with running(program, "-p", folder, "-c", configuration):
            service.wait_for_port(port)
            yield f"127.0.0.1:{port}"


def requests_per_second(url: str, connections: int, seconds: int) -> float:
    """Loads one route and refuses to count failed requests."""
    text = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", url],
        check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(f"{url}: requests failed\n{text}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))


def print_row(path: str, rates: dict[str, list[float]], connections: int) -> bool:
    """The row of a route, with the median of the rounds' ratios, since noise meets all sides."""
    ratios = {
        peer: median(own / other for own, other in zip(rates["Descent"], rates[peer]))
        for peer in ("Hummingbird", "nginx")}
    is_met = ratios["Hummingbird"] >= 1.5 and ratios["nginx"] >= 0.5
    amounts = ", ".join(f"{name} {median(rate) / 1000:.1f} k/s" for name, rate in rates.items())
    print(f"| `GET {path}`, {connections} connections, {len(rates['Descent'])} rounds"
          " | 1.5 x Hummingbird, 0.5 x nginx"
          f" | {amounts}: {ratios['Hummingbird']:.2f} x and {ratios['nginx']:.2f} x"
          f" | {'met' if is_met else 'missed'} |", flush=True)
    return is_met


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--descent", type=Path, required=True)
    parser.add_argument("--hummingbird", type=Path, required=True)
    parser.add_argument("--nginx", default="nginx")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--connections", type=int, nargs="+", default=[64])
    return parser.parse_args()


def main() -> None:
    options = arguments()
    with ExitStack() as stack:
        descent = stack.enter_context(service.server(options.descent))
        job = posted_job(descent)
        bodies = {"/livez": get(descent, "/livez"), job: get(descent, job)}
        addresses = {
            "Descent": descent,
            "Hummingbird": stack.enter_context(hummingbird(options.hummingbird, bodies[job])),
            "nginx": stack.enter_context(nginx(options.nginx, bodies["/livez"], bodies[job]))}
        for path, body in bodies.items():
            for name, address in addresses.items():
                if get(address, path) != body:
                    sys.exit(f"{name} answers {path} with other bytes than Descent")
            for connections in options.connections:
                rates = {name: [] for name in addresses}
                for _ in range(options.rounds):
                    for name, address in addresses.items():
                        rates[name].append(requests_per_second(
                            f"http://{address}{path}", connections, options.seconds))
                print_row(path.replace(job, "/jobs/{id}"), rates, connections)


if __name__ == "__main__":
    main()
