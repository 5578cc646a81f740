"""A balancer that does not make a herd.

One record for each backend, behind one lock. A thread for each of them asks for its load, and one more
reads the file."""

import json
import os
import random
import threading
import time

import plumbing

FILE = os.environ["BACKENDS_FILE"]
LOAD = int(os.environ["LOAD_MS"]) / 1000
TRY = int(os.environ["TRY_MS"]) / 1000
FAILURES = int(os.environ["FAILURES"])
EJECT = int(os.environ["EJECT_MS"]) / 1000
EJECTED_MAX = int(os.environ["EJECTED_MAX"])
SLOW_START = int(os.environ["SLOW_START_MS"]) / 1000

lock = threading.Lock()
backends = {}


class Backend:
    def __init__(self, url, joined):
        self.url = url
        self.joined = joined
        self.load = float("inf")
        self.failures = 0
        self.ejected_until = 0

    def watch_load(self):
        while backends.get(self.url) is self:
            begun = time.monotonic()
            try:
                answer = plumbing.call("GET", f"{self.url}/load", begun + LOAD)
                load = json.loads(answer.body)["load"] if answer.status == 200 else float("inf")
            except Exception:
                load = float("inf")
            self.load = load
            time.sleep(max(0, begun + LOAD - time.monotonic()))


def read_file(joined):
    with open(FILE) as file:
        listed = file.read().split()
    with lock:
        for url in set(backends) - set(listed):
            del backends[url]
        new = [Backend(url, joined) for url in listed if url not in backends]
        backends.update((backend.url, backend) for backend in new)
    for backend in new:
        threading.Thread(target=backend.watch_load, daemon=True).start()


def watch_file():
    while True:
        time.sleep(LOAD / 2)
        try:
            read_file(time.monotonic())
        except OSError:
            pass  # It is there again in a moment; until then the last list counts.


def choose():
    now = time.monotonic()
    with lock:
        all_of_them = list(backends.values())
        healthy = [one for one in all_of_them if one.ejected_until <= now] or all_of_them
        warm = [one for one in healthy if random.random() * SLOW_START < now - one.joined]
        fit = warm or healthy
        pair = random.sample(fit, min(2, len(fit)))
        return min(pair, key=lambda one: one.load)


def judge(backend, failed):
    now = time.monotonic()
    with lock:
        if backend.ejected_until > now:
            return
        backend.failures = backend.failures + 1 if failed else 0
        ejected = sum(one.ejected_until > now for one in backends.values())
        if backend.failures >= FAILURES and ejected < EJECTED_MAX:
            backend.failures = 0
            backend.ejected_until = now + EJECT


def handle(request):
    if request.path == "/healthz":
        return 200, {"ok": True}
    backend = choose()
    try:
        answer = plumbing.call("GET", backend.url + request.path, time.monotonic() + TRY)
        status, body = answer.status, answer.body
    except TimeoutError:
        status, body = 504, {"error": "the backend gave no answer in time"}
    except Exception:
        status, body = 502, {"error": "the backend gave no whole answer"}
    judge(backend, status >= 500)
    return status, body


if __name__ == "__main__":
    read_file(float("-inf"))
    threading.Thread(target=watch_file, daemon=True).start()
    plumbing.serve(int(os.environ["PORT"]), handle)
