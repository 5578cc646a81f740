"""The page of a lot, made of what three services say.

One point in time, taken when the request arrives, rules everything. Each call puts what came of it
into the queue of its request; one loop takes it out, and starts the call for the seller when the
auction is there."""

import json
import os
import queue
import threading
import time
import urllib.parse

import plumbing

AUCTIONS = os.environ["AUCTIONS"]
BIDS = os.environ["BIDS"]
USERS = os.environ["USERS"]
DEADLINE_MS = int(os.environ["DEADLINE_MS"])


def handle(request):
    if request.path == "/healthz":
        return 200, {}
    if request.path.startswith("/lots/"):
        time_ms = min(DEADLINE_MS, int(request.headers.get("X-Deadline-Ms") or DEADLINE_MS))
        cancel = plumbing.Cancel()
        try:
            return page(request.path, time.monotonic() + time_ms / 1000, cancel)
        finally:
            cancel.cancel()
    return 404, {}


def page(path, until, cancel):
    results = queue.Queue()

    def start(name, url):
        target = lambda: results.put((name, *ask(url, until, cancel)))
        threading.Thread(target=target, daemon=True).start()

    start("auction", AUCTIONS + path)
    start("bids", BIDS + path + "/bids")
    parts = {"auction": None, "bids": None, "seller": None}
    out = 3
    while out:
        try:
            name, status, value = results.get(timeout=plumbing.left(until))
        except (queue.Empty, TimeoutError):
            break
        out -= 1
        parts[name] = value
        if name == "auction":
            if value is None:
                late = time.monotonic() >= until
                return 404 if status == 404 else 504 if late else 502, {}
            seller = urllib.parse.quote(value["seller"], safe="")
            start("seller", f"{USERS}/users/{seller}")
    if parts["auction"] is None:
        return 504, {}
    return 200, {**parts, "degraded": [name for name in parts if parts[name] is None]}


def ask(url, until, cancel):
    """A status and a value; no value if the answer does not count."""
    status = None
    try:
        headers = {"X-Deadline-Ms": str(max(1, int(plumbing.left(until) * 1000)))}
        response = plumbing.call("GET", url, until, headers=headers, cancel=cancel)
        status = response.status
        return status, json.loads(response.body) if status == 200 else None
    except Exception:
        return status, None


if __name__ == "__main__":
    plumbing.serve(int(os.environ["PORT"]), handle)
