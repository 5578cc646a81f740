"""A proxy before three replicas that hedges.

Each request has a queue into which its calls put what came of them. One loop waits for a result,
for the moment to send the second call, and for the deadline."""

import itertools
import os
import queue
import threading
import time

import plumbing

REPLICAS = os.environ["REPLICAS"].split(",")
HEDGE = int(os.environ["HEDGE_MS"]) / 1000
DEADLINE = int(os.environ["DEADLINE_MS"]) / 1000
RATIO = float(os.environ["BUDGET_RATIO"])
CAP = int(os.environ["BUDGET_CAP"])
GOOD = (200, 404)


class Budget:
    def __init__(self):
        self.lock = threading.Lock()
        self.tokens = CAP

    def earn(self):
        with self.lock:
            self.tokens = min(CAP, self.tokens + RATIO)

    def spend(self):
        with self.lock:
            if self.tokens < 1:
                return False
            self.tokens -= 1
            return True


budget = Budget()
turns = itertools.count()


def handle(request):
    if request.path == "/healthz":
        return 200, {}
    if request.path.startswith("/lots/"):
        return fetch(request.path)
    return 404, {}


def fetch(path):
    now = time.monotonic()
    until, hedge_at = now + DEADLINE, now + HEDGE
    budget.earn()
    turn = next(turns)
    results = queue.Queue()
    cancel = plumbing.Cancel()

    def start(nr):
        replica = REPLICAS[(turn + nr) % len(REPLICAS)]
        target = lambda: results.put(ask(replica + path, until, cancel))
        threading.Thread(target=target, daemon=True).start()

    start(0)
    out, copied = 1, False
    try:
        while out:
            now = time.monotonic()
            if now >= until:
                return 504, {}
            wait = until if copied else min(until, hedge_at)
            try:
                answer = results.get(timeout=max(0, wait - now))
            except queue.Empty:
                answer = None
            else:
                out -= 1
                if answer:
                    return answer
            if not copied and (out == 0 or time.monotonic() >= hedge_at):
                copied = True
                if budget.spend():
                    start(1)
                    out += 1
        return (504 if time.monotonic() >= until else 502), {}
    finally:
        cancel.cancel()


def ask(url, until, cancel):
    """A good answer, or None."""
    try:
        response = plumbing.call("GET", url, until, cancel=cancel)
    except Exception:
        return None
    return (response.status, response.body) if response.status in GOOD else None


if __name__ == "__main__":
    plumbing.serve(int(os.environ["PORT"]), handle)
