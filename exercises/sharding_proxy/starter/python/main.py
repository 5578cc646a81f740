"""A proxy that knows who has which key. See statement.md.

What is here routes by the length of the key. `plumbing.py` is plumbing that you can rely on: the server,
and calls that end at a point in time."""

import os
import time

import plumbing

TRY = int(os.environ["TRY_MS"]) / 1000

with open(os.environ["SHARDS_FILE"]) as file:
    shards = [line.split() for line in file]


def handle(request):
    if request.path == "/healthz":
        return 200, {"ok": True}
    key = request.path.removeprefix("/keys/")
    # TODO: consistent hashing, failures, hot keys, files that change.
    name, url = shards[len(key) % len(shards)]
    until = time.monotonic() + TRY
    answer = plumbing.call(request.method, url + request.path, until, request.body)
    return answer.status, answer.body


plumbing.serve(int(os.environ["PORT"]), handle)
