"""One of three copies that compete for a lease. See statement.md.

What is here asks for the lease, and forgets that it ends. `plumbing.py` is plumbing that you can rely
on."""

import json
import os
import time

import plumbing

NAME = os.environ["NAME"]
STORE = os.environ["STORE"]
SHOP = os.environ["SHOP"]
RETRY = int(os.environ["RETRY_MS"]) / 1000


def post(url, value, until):
    headers = {"Content-Type": "application/json"}
    return plumbing.call("POST", url, until, json.dumps(value).encode(), headers)


while True:
    answer = post(f"{STORE}/acquire", {"holder": NAME}, time.monotonic() + 2)
    if answer.status == 200:
        token = json.loads(answer.body)["token"]
        # TODO: the fence, the lots, the end of the lease, SIGTERM.
        print(f"I own, with token {token}")
    time.sleep(RETRY)
