"""Thumbnails, a batch at a time. See statement.md.

What is here says that all records have failed. `plumbing.py` is plumbing that you can rely on: the
server, and calls that end at a point in time."""

import json
import os

import plumbing

IMAGES = os.environ["IMAGES"]
THUMBS = os.environ["THUMBS"]
CONCURRENCY = int(os.environ["CONCURRENCY"])


def handle(request):
    if request.path == "/healthz":
        return 200, {"ok": True}
    if request.path != "/invoke":
        return 404, {"error": "POST /invoke"}
    records = json.loads(request.body)["records"]
    # TODO: thumbnails, failures, duplicates, the deadline.
    return 200, {"failed": [record["id"] for record in records]}


plumbing.serve(int(os.environ["PORT"]), handle)
