"""One of three copies that compete for a lease.

`Ownership` is one grant of the lease: its token, and the moment until which it can be relied on. A
thread renews it beside the work; whatever ends it, nothing more is written with its token."""

import json
import os
import signal
import threading
import time

import plumbing

NAME = os.environ["NAME"]
STORE = os.environ["STORE"]
SHOP = os.environ["SHOP"]
RETRY = int(os.environ["RETRY_MS"]) / 1000
# For one call to the shop.
PATIENCE = 1

stop = threading.Event()


class Lost(Exception):
    """The lease is over, or may be."""


class Ownership:
    def __init__(self, token, until, lease):
        self.token = token
        self.until = until
        self.lease = lease
        self.end = threading.Event()

    def holds(self):
        return not self.end.is_set() and time.monotonic() < self.until

    def keep(self):
        """Renews, until the ownership ends."""
        while not self.end.wait(self.lease / 3):
            asked = time.monotonic()
            try:
                answer = post(f"{STORE}/renew", {"token": self.token}, asked + self.lease / 3)
            except Exception:
                continue  # Perhaps the next one gets through.
            if answer.status == 409:
                self.end.set()
            elif answer.status == 200:
                self.until = asked + self.lease

    def write(self, path, value):
        """A write with the token of this ownership: its status."""
        if not self.holds():
            raise Lost
        until = min(self.until, time.monotonic() + PATIENCE)
        status = post(f"{SHOP}/{path}", {"token": self.token, **value}, until).status
        if status == 409:
            raise Lost
        return status


def campaign():
    while not stop.is_set():
        ownership = acquire()
        if ownership:
            own(ownership)
        stop.wait(RETRY)


def acquire():
    asked = time.monotonic()
    try:
        answer = post(f"{STORE}/acquire", {"holder": NAME}, asked + 5)
        if answer.status != 200:
            return None
        granted = json.loads(answer.body)
    except Exception:
        return None
    lease = granted["lease_ms"] / 1000
    ownership = Ownership(granted["token"], asked + lease, lease)
    return ownership if ownership.holds() else None


def own(ownership):
    keeper = threading.Thread(target=ownership.keep, daemon=True)
    keeper.start()
    try:
        raised = False
        while not stop.is_set() and ownership.holds():
            try:
                raised = raised or ownership.write("fence", {}) == 200
                if raised:
                    close_lots(ownership)
            except (OSError, ValueError):
                pass  # Tried again in the next round.
            stop.wait(RETRY)
    except Lost:
        pass
    ownership.end.set()
    if stop.is_set():
        try:
            post(f"{STORE}/release", {"token": ownership.token}, time.monotonic() + PATIENCE)
        except Exception:
            pass  # It runs out by itself.


def close_lots(ownership):
    answer = plumbing.call("GET", f"{SHOP}/lots", time.monotonic() + PATIENCE)
    for lot in json.loads(answer.body)["lots"]:
        if stop.is_set():
            return
        bids = lot["bids"]
        best = max(bids, key=lambda bid: bid["cents"]) if bids else {"bidder": None, "cents": 0}
        closing = {"lot": lot["id"], "winner": best["bidder"], "cents": best["cents"]}
        ownership.write("close", closing)


def post(url, value, until):
    headers = {"Content-Type": "application/json"}
    return plumbing.call("POST", url, until, json.dumps(value).encode(), headers)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    campaign()
