"""A consumer that shares its partitions. See statement.md.

What is here joins, and does nothing with what it gets. `plumbing.py` is plumbing that you can rely on:
calls that end at a point in time."""

import json
import os
import time

import plumbing

MEMBER = os.environ["MEMBER"]
BROKER = os.environ["BROKER"]
STORE = os.environ["STORE"]


def post(path, value):
    body = json.dumps(value).encode()
    return plumbing.call("POST", f"{BROKER}/{path}", time.monotonic() + 2, body)


membership = json.loads(post("join", {"member": MEMBER}).body)
print("generation", membership["generation"], "with", membership["partitions"])
# TODO: heartbeats, records in order, commits, new generations, SIGTERM.
while True:
    time.sleep(60)
