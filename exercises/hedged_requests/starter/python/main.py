"""A proxy before three replicas that hedges. See statement.md.

What is here serves, and asks one replica. `plumbing.py` is plumbing that you can rely on; its
`Cancel` ends a call from another thread."""

import os
import time

import plumbing

REPLICAS = os.environ["REPLICAS"].split(",")
HEDGE = int(os.environ["HEDGE_MS"]) / 1000
DEADLINE = int(os.environ["DEADLINE_MS"]) / 1000
RATIO = float(os.environ["BUDGET_RATIO"])
CAP = int(os.environ["BUDGET_CAP"])


def handle(request):
    if request.path == "/healthz":
        return 200, {}
    if request.path.startswith("/lots/"):
        return fetch(request.path)
    return 404, {}


def fetch(path):
    until = time.monotonic() + DEADLINE
    # TODO: this asks one replica, and waits for it.
    try:
        return plumbing.get(REPLICAS[0] + path, until)
    except Exception:
        return 502, {}


if __name__ == "__main__":
    plumbing.serve(int(os.environ["PORT"]), handle)
