"""An ambassador that retries within a budget.

One loop of attempts a request. Budget and breaker are two small things behind a lock each, which the
loop asks before a call and tells afterwards."""

import collections
import os
import random
import threading
import time

import plumbing

UPSTREAM = os.environ["UPSTREAM"]
TOKEN_FILE = os.environ["TOKEN_FILE"]
ATTEMPTS = int(os.environ["ATTEMPTS"])
TRY = int(os.environ["TRY_MS"]) / 1000
DEADLINE = int(os.environ["DEADLINE_MS"]) / 1000
BASE = int(os.environ["BASE_MS"]) / 1000
CEILING = int(os.environ["CEILING_MS"]) / 1000
RATIO = float(os.environ["BUDGET_RATIO"])
CAP = int(os.environ["BUDGET_CAP"])
BREAKER_CALLS = int(os.environ["BREAKER_CALLS"])
OPEN = int(os.environ["OPEN_MS"]) / 1000

FAILURES = (429, 502, 503, 504)
PASSED_ON = ("Content-Type", "Idempotency-Key")


class Budget:
    def __init__(self):
        self.lock = threading.Lock()
        self.tokens = CAP

    def earn(self):
        with self.lock:
            self.tokens = min(CAP, self.tokens + RATIO)

    def spend(self):
        with self.lock:
            enough = self.tokens >= 1
            self.tokens -= enough
            return enough


class Breaker:
    def __init__(self):
        self.lock = threading.Lock()
        self.failed = collections.deque(maxlen=BREAKER_CALLS)
        # None while it is closed; then the moment from which on a probe may go through.
        self.probe_at = None
        # Grows with each change, so that what is told of an older call is not taken for news.
        self.epoch = 0

    def admit(self):
        """A ticket for `tell`, or None: no call may be made now."""
        with self.lock:
            if self.probe_at is not None:
                if time.monotonic() < self.probe_at:
                    return None
                # This one is the probe; nobody follows before it has told.
                self.probe_at = float("inf")
                self.epoch += 1
            return self.epoch

    def tell(self, ticket, failed):
        with self.lock:
            if ticket != self.epoch:
                return
            if self.probe_at is None:
                self.failed.append(failed)
                full = len(self.failed) == BREAKER_CALLS
                if not full or 2 * sum(self.failed) < BREAKER_CALLS:
                    return
                failed = True
            self.epoch += 1
            self.failed.clear()
            self.probe_at = time.monotonic() + OPEN if failed else None


budget = Budget()
breaker = Breaker()


def handle(request):
    if request.path == "/healthz":
        return 200, {}
    until = time.monotonic() + DEADLINE
    budget.earn()
    repeatable = request.method != "POST" or request.headers.get("Idempotency-Key")
    answer = None
    made = 0
    while True:
        ticket = breaker.admit()
        if ticket is None:
            return last(answer, until) if made else (503, {})
        answer = attempt(request, until)
        made += 1
        failed = answer is None or answer.status in FAILURES
        breaker.tell(ticket, failed)
        if not failed or not repeatable or made >= ATTEMPTS:
            return last(answer, until)
        wait = random.uniform(0, min(CEILING, BASE * 2 ** (made - 1)))
        if answer:
            wait = max(wait, int(answer.headers.get("Retry-After") or 0))
        if time.monotonic() + wait >= until or not budget.spend():
            return last(answer, until)
        time.sleep(wait)


def attempt(request, until):
    """One call: its answer, or None."""
    target = request.path + (f"?{request.query}" if request.query else "")
    headers = {name: request.headers[name] for name in PASSED_ON if request.headers.get(name)}
    try:
        # Read each time: it may have been replaced.
        with open(TOKEN_FILE) as file:
            headers["Authorization"] = f"Bearer {file.read().strip()}"
        until = min(until, time.monotonic() + TRY)
        return plumbing.call(request.method, UPSTREAM + target, until, request.body, headers)
    except Exception:
        return None


def last(answer, until):
    if answer:
        return answer.status, answer.body
    return (504 if time.monotonic() >= until else 502), {}


if __name__ == "__main__":
    plumbing.serve(int(os.environ["PORT"]), handle)
