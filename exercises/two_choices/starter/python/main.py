"""A balancer that does not make a herd. See statement.md.

What is here sends all requests to the first backend. `plumbing.py` is plumbing that you can rely on:
the server, and calls that end at a point in time."""

import os
import time

import plumbing

TRY = int(os.environ["TRY_MS"]) / 1000

with open(os.environ["BACKENDS_FILE"]) as file:
    backends = file.read().split()


def handle(request):
    if request.path == "/healthz":
        return 200, {"ok": True}
    # TODO: loads, the better of two, ejection, slow start, failures.
    answer = plumbing.call("GET", backends[0] + request.path, time.monotonic() + TRY)
    return answer.status, answer.body


plumbing.serve(int(os.environ["PORT"]), handle)
