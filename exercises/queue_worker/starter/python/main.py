"""A worker with a lease. See statement.md.

What is here takes one item after the other, and hopes. `plumbing.py` is plumbing that you can rely
on; its `Cancel` ends a call from another thread."""

import json
import os
import time

import plumbing

QUEUE = os.environ["QUEUE"]
VENDOR = os.environ["VENDOR"]
STORE = os.environ["STORE"]
WORKERS = int(os.environ["WORKERS"])
WORK = int(os.environ["WORK_MS"]) / 1000
POLL = int(os.environ["POLL_MS"]) / 1000
MAX_ATTEMPTS = int(os.environ["MAX_ATTEMPTS"])


def post(url, value, until, headers={}):
    headers = {"Content-Type": "application/json", **headers}
    return plumbing.call("POST", url, until, json.dumps(value).encode(), headers)


while True:
    answer = post(f"{QUEUE}/receive", {}, time.monotonic() + 2)
    if answer.status == 204:
        time.sleep(POLL)
        continue
    delivery = json.loads(answer.body)
    # TODO: the lease, failures, several items at a time, SIGTERM.
    post(f"{QUEUE}/ack", {"receipt": delivery["receipt"]}, time.monotonic() + 2)
