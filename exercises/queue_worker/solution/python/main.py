"""A worker with a lease.

WORKERS threads run one loop: receive, work, settle. Beside the work a heartbeat extends the lease of
this delivery; when the lease is lost it cancels the calls of the work."""

import json
import os
import random
import signal
import threading
import time

import plumbing

QUEUE = os.environ["QUEUE"]
VENDOR = os.environ["VENDOR"]
STORE = os.environ["STORE"]
WORKERS = int(os.environ["WORKERS"])
WORK = int(os.environ["WORK_MS"]) / 1000
POLL = int(os.environ["POLL_MS"]) / 1000
MAX_ATTEMPTS = int(os.environ["MAX_ATTEMPTS"])
# For calls to the queue, which is quick or away.
PATIENCE = 2

stop = threading.Event()


class Hopeless(Exception):
    """The item will never succeed."""


def worker():
    while not stop.is_set():
        delivery = receive()
        if delivery is None:
            stop.wait(POLL)
        else:
            settle(delivery, *perform(delivery))


def receive():
    try:
        answer = post(f"{QUEUE}/receive", {}, time.monotonic() + PATIENCE)
        return json.loads(answer.body) if answer.status == 200 else None
    except Exception:
        return None


def perform(delivery):
    """Works beside a heartbeat. How that ended, and why."""
    cancel = plumbing.Cancel()
    beat = Heartbeat(delivery, cancel)
    beat.start()
    try:
        work(delivery["item"], time.monotonic() + WORK, cancel)
        outcome = "done", None
    except Hopeless as error:
        outcome = "hopeless", str(error)
    except Exception as error:
        outcome = "failed", repr(error)
    beat.end.set()
    return ("lost", None) if beat.lost else outcome


def work(item, until, cancel):
    answer = plumbing.call("GET", f"{VENDOR}/photos/{item}", until, cancel=cancel)
    if answer.status == 422:
        raise Hopeless("the vendor cannot read this photo")
    expect_ok(answer, "vendor")
    result = {"item": item, "verdict": json.loads(answer.body)["verdict"]}
    # A call that was given a cancelled Cancel fails, so nothing is stored without the lease.
    headers = {"Idempotency-Key": item}
    expect_ok(post(f"{STORE}/results", result, until, headers, cancel), "store")


def expect_ok(answer, who):
    if answer.status != 200:
        raise OSError(f"the {who} answered {answer.status}")


class Heartbeat(threading.Thread):
    def __init__(self, delivery, cancel):
        super().__init__(daemon=True)
        self.receipt = {"receipt": delivery["receipt"]}
        self.every = delivery["lease_ms"] / 1000 / 3
        self.cancel = cancel
        self.end = threading.Event()
        self.lost = False

    def run(self):
        # From beat to beat, however long the last one took: one that hangs must not delay the next.
        at = time.monotonic() + self.every
        while not self.end.wait(at - time.monotonic()):
            at = time.monotonic() + self.every
            try:
                answer = post(f"{QUEUE}/extend", self.receipt, at)
            except Exception:
                continue
            if answer.status == 409:
                self.lost = True
                self.cancel.cancel()
                return


def settle(delivery, outcome, reason):
    receipt = {"receipt": delivery["receipt"]}
    until = time.monotonic() + PATIENCE
    try:
        if outcome == "done":
            post(f"{QUEUE}/ack", receipt, until)
        elif outcome == "failed" and delivery["attempt"] < MAX_ATTEMPTS:
            pause = 100 * 2 ** (delivery["attempt"] - 1)
            pause = random.randint(pause, 2 * pause)
            post(f"{QUEUE}/nack", {**receipt, "pause_ms": pause}, until)
        elif outcome != "lost":
            post(f"{QUEUE}/dead", {**receipt, "reason": reason}, until)
    except Exception:
        pass  # The lease ends by itself, and the key makes a repetition harmless.


def post(url, value, until, headers={}, cancel=None):
    headers = {"Content-Type": "application/json", **headers}
    return plumbing.call("POST", url, until, json.dumps(value).encode(), headers, cancel)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    workers = [threading.Thread(target=worker) for _ in range(WORKERS)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
