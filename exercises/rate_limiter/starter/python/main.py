"""A limit that three copies share. See statement.md.

What is here keeps its buckets to itself, and never fills them. `plumbing.py` is plumbing that you can
rely on: the server, and calls that end at a point in time."""

import os
import urllib.parse

import plumbing

BURST = int(os.environ["BURST"])

taken = {}


def handle(request):
    if request.path == "/healthz":
        return 200, {"ok": True}
    tenant = dict(urllib.parse.parse_qsl(request.query)).get("tenant")
    if request.path != "/take" or not tenant:
        return 404, {"error": "POST /take?tenant=..."}
    # TODO: the store, time, and what to do without the store.
    taken[tenant] = taken.get(tenant, 0) + 1
    left = BURST - taken[tenant]
    if left < 0:
        return 429, {"allowed": False, "left": 0}, {"Retry-After": "1"}
    return 200, {"allowed": True, "left": left}


plumbing.serve(int(os.environ["PORT"]), handle)
