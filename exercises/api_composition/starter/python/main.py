"""The page of a lot, made of what three services say. See statement.md.

What is here serves, and asks one service. `plumbing.py` is plumbing that you can rely on; its
`Cancel` ends a call from another thread."""

import json
import os
import time

import plumbing

AUCTIONS = os.environ["AUCTIONS"]
BIDS = os.environ["BIDS"]
USERS = os.environ["USERS"]
DEADLINE = int(os.environ["DEADLINE_MS"]) / 1000


def handle(request):
    if request.path == "/healthz":
        return 200, {}
    if request.path.startswith("/lots/"):
        return page(request.path)
    return 404, {}


def page(path):
    until = time.monotonic() + DEADLINE
    # TODO: this asks one service of three, and expects nothing to go wrong.
    response = plumbing.call("GET", AUCTIONS + path, until)
    auction = json.loads(response.body)
    return 200, {"auction": auction, "bids": None, "seller": None, "degraded": []}


if __name__ == "__main__":
    plumbing.serve(int(os.environ["PORT"]), handle)
