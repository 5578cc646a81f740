"""A limit that three copies share.

A decision is a pure function of what the store has and of its time. Around it goes a loop: read,
decide, write if nobody else has written meanwhile."""

import json
import math
import os
import time
import urllib.parse

import plumbing

STORE = os.environ["STORE"]
RATE = float(os.environ["RATE"])
BURST = int(os.environ["BURST"])
STORE_TIME = int(os.environ["STORE_MS"]) / 1000
OPEN = os.environ["ON_OUTAGE"] == "open"


def handle(request):
    if request.path == "/healthz":
        return 200, {"ok": True}
    tenant = dict(urllib.parse.parse_qsl(request.query)).get("tenant")
    if request.path != "/take" or not tenant:
        return 404, {"error": "POST /take?tenant=..."}
    try:
        return take(tenant, time.monotonic() + STORE_TIME)
    except Exception:
        return (200, {"allowed": True}) if OPEN else (503, {"allowed": False})


def take(tenant, until):
    url = f"{STORE}/buckets/{tenant}"
    while True:
        answer = plumbing.call("GET", url, until)
        if answer.status not in (200, 404):
            raise OSError(f"the store answered {answer.status}")
        found = json.loads(answer.body)
        tokens, stamp = refilled(found)
        if tokens < 1:
            wait_ms = stamp - found["now_ms"] + (1 - tokens) * 1000 / RATE
            retry_after = {"Retry-After": str(math.ceil(wait_ms / 1000))}
            return 429, {"allowed": False, "left": 0}, retry_after
        tokens -= 1
        write = {
            "version": found.get("version", 0),
            "value": {"tokens": tokens, "stamp": stamp},
            "ttl_ms": stamp - found["now_ms"] + math.ceil((BURST - tokens) * 1000 / RATE),
        }
        answer = plumbing.call("PUT", url, until, json.dumps(write).encode())
        if answer.status == 200:
            return 200, {"allowed": True, "left": math.floor(tokens)}
        if answer.status != 409:
            raise OSError(f"the store answered {answer.status}")


def refilled(found):
    """The tokens that the bucket has now, and the time up to which its gain is counted."""
    now = found["now_ms"]
    value = found.get("value", {"tokens": BURST, "stamp": now})
    stamp = value["stamp"]
    gained = max(0, now - stamp) * RATE / 1000
    return min(BURST, value["tokens"] + gained), max(stamp, now)


if __name__ == "__main__":
    plumbing.serve(int(os.environ["PORT"]), handle)
