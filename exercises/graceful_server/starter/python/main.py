"""A replica behind a balancer. See statement.md.

What is here serves lots, is always ready, and dies at SIGTERM. `plumbing.py` is plumbing that you can
rely on; `plumbing.Server` can be shut down."""

import os
import time

import plumbing

DATABASE = os.environ["DATABASE"]
LINGER = int(os.environ["LINGER_MS"]) / 1000
GRACE = int(os.environ["GRACE_MS"]) / 1000


def handle(request):
    # TODO: the cold start and the end.
    if request.path in ("/livez", "/readyz"):
        return 200, {}
    if request.path.startswith("/lots/"):
        status, body = plumbing.get(DATABASE + request.path, time.monotonic() + 60)
        return status, body
    return 404, {}


if __name__ == "__main__":
    plumbing.serve(int(os.environ["PORT"]), handle)
