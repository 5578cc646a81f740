"""The root of a search over three shards. See statement.md.

What is here serves, and asks one shard. `plumbing.py` is plumbing that you can rely on."""

import json
import os
import time

import plumbing

SHARDS = os.environ["SHARDS"].split(",")
DEADLINE = int(os.environ["DEADLINE_MS"]) / 1000


def handle(request):
    if request.path == "/healthz":
        return 200, {}
    if request.path == "/search":
        return search(request.query)
    return 404, {}


def search(query):
    until = time.monotonic() + DEADLINE
    # TODO: this asks one shard of three.
    hits = ask(SHARDS[0], query, until)
    return 200, {"hits": hits, "shards_ok": 3, "shards_total": 3, "missing": []}


def ask(shard, query, until):
    """The hits of one shard. `query` is as the client sent it: `q=TEXT`."""
    # TODO: look at the status, and expect everything to go wrong.
    _status, body = plumbing.get(f"{shard}/search?{query}&k=10", until)
    return json.loads(body)["hits"]


plumbing.serve(int(os.environ["PORT"]), handle)
