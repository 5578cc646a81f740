"""One language for two kinds of servers.

A thread for each target asks and makes samples: a metric, labels, a number. Printing walks through a
table of metrics, so that the samples of each stand together."""

import concurrent.futures
import json
import os
import socket
import threading
import time

import plumbing

REDIS = os.environ["REDIS"].split(",")
APPS = os.environ["APPS"].split(",")
SCRAPE = int(os.environ["SCRAPE_MS"]) / 1000
ROUTES_MAX = int(os.environ["ROUTES_MAX"])

METRICS = [
    ("target_up", "gauge", "Whether the target could be read."),
    ("target_missing_fields", "gauge", "Fields that the target does not have any more."),
    ("redis_connected_clients", "gauge", "Clients that are connected."),
    ("redis_memory_used_bytes", "gauge", "Memory that the data takes."),
    ("redis_commands_processed_total", "counter", "Commands since the start."),
    ("redis_db_keys", "gauge", "Keys of a database."),
    ("app_requests_total", "counter", "Requests since the start."),
    ("app_queue_depth", "gauge", "Requests that wait."),
    ("app_latency_seconds", "summary", "From a request to its answer."),
]
FIELDS = {
    "connected_clients": "redis_connected_clients",
    "used_memory": "redis_memory_used_bytes",
    "total_commands_processed": "redis_commands_processed_total",
}

lock = threading.Lock()
# The routes of each service that keep their samples.
known_routes = {app: set() for app in APPS}


def handle(request):
    if request.path == "/healthz":
        return 200, {"ok": True}
    if request.path != "/metrics":
        return 404, {"error": "GET /metrics"}
    until = time.monotonic() + SCRAPE
    targets = [(scrape_redis, target) for target in REDIS] + [(scrape_app, app) for app in APPS]
    with concurrent.futures.ThreadPoolExecutor(len(targets)) as pool:
        samples = pool.map(lambda target: scrape(*target, until), targets)
        text = exposition([sample for of_target in samples for sample in of_target])
    return 200, text.encode(), {"Content-Type": "text/plain; version=0.0.4"}


def scrape(read, target, until):
    """Samples: a metric, what its name ends in, labels, a value."""
    try:
        samples, missing = read(target, until)
        samples += [("target_up", "", {}, 1), ("target_missing_fields", "", {}, missing)]
    except Exception:
        samples = [("target_up", "", {}, 0)]
    return [(name, end, {"instance": target, **labels}, n) for name, end, labels, n in samples]


def scrape_redis(target, until):
    fields = dict(line.split(":", 1) for line in ask_info(target, until).split("\r\n") if ":" in line)
    there = [field for field in FIELDS if field in fields]
    samples = [(FIELDS[field], "", {}, int(fields[field])) for field in there]
    for field, value in fields.items():
        if field.startswith("db") and field[2:].isdigit():
            keys = int(dict(pair.split("=") for pair in value.split(","))["keys"])
            samples.append(("redis_db_keys", "", {"db": field[2:]}, keys))
    return samples, len(FIELDS) - len(there)


def ask_info(target, until):
    host, port = target.rsplit(":", 1)
    with socket.create_connection((host, int(port)), plumbing.left(until)) as sock:
        sock.sendall(b"*1\r\n$4\r\nINFO\r\n")
        answer = b""
        while True:
            head, _, body = answer.partition(b"\r\n")
            if answer.startswith(b"-"):
                raise OSError("the target answered an error")
            if b"\r\n" in answer and len(body) >= int(head[1:]) + 2:
                return body[: int(head[1:])].decode()
            sock.settimeout(plumbing.left(until))
            piece = sock.recv(65536)
            if not piece:
                raise OSError("the connection was closed half-way through the answer")
            answer += piece


def scrape_app(target, until):
    answer = plumbing.call("GET", f"http://{target}/stats", until)
    if answer.status != 200:
        raise OSError(f"the target answered {answer.status}")
    stats = json.loads(answer.body)
    samples, missing = [], 0
    if "requests" in stats:
        for route, count in bounded(target, stats["requests"]).items():
            samples.append(("app_requests_total", "", {"route": route}, count))
    else:
        missing += 1
    if "queue_depth" in stats:
        samples.append(("app_queue_depth", "", {}, stats["queue_depth"]))
    else:
        missing += 1
    if "latency_ms" in stats:
        latency = stats["latency_ms"]
        samples.append(("app_latency_seconds", "_sum", {}, latency["sum"] / 1000))
        samples.append(("app_latency_seconds", "_count", {}, latency["count"]))
    else:
        missing += 1
    return samples, missing


def bounded(target, requests):
    known = known_routes[target]
    with lock:
        for route in sorted(requests, key=str.encode):
            if len(known) < ROUTES_MAX:
                known.add(route)
        told = {route: count for route, count in requests.items() if route in known}
    others = [count for route, count in requests.items() if route not in told]
    if others:
        told["other"] = told.get("other", 0) + sum(others)
    return told


def exposition(samples):
    lines = []
    for metric, kind, help_text in METRICS:
        lines += [f"# HELP {metric} {help_text}", f"# TYPE {metric} {kind}"]
        for name, end, labels, value in samples:
            if name == metric:
                told = ",".join(f'{label}="{escaped(text)}"' for label, text in labels.items())
                lines.append(f"{name}{end}{{{told}}} {value}")
    return "\n".join(lines) + "\n"


def escaped(text):
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


if __name__ == "__main__":
    plumbing.serve(int(os.environ["PORT"]), handle)
