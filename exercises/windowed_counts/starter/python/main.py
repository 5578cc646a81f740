"""Counts that do not change their mind. See statement.md.

What is here reads one batch, and counts whatever is in it. `plumbing.py` is plumbing that you can rely
on: calls that end at a point in time."""

import collections
import json
import os
import time

import plumbing

SOURCE = os.environ["SOURCE"]
SINK = os.environ["SINK"]
WINDOW = int(os.environ["WINDOW_MS"])
BATCH_MAX = int(os.environ["BATCH_MAX"])

url = f"{SOURCE}/events?from=0&max={BATCH_MAX}"
answer = plumbing.call("GET", url, time.monotonic() + 2)
counts = collections.Counter()
for event in json.loads(answer.body)["events"]:
    counts[event["key"], event["at_ms"] - event["at_ms"] % WINDOW] += 1
for (key, start), count in counts.items():
    body = json.dumps({"count": count}).encode()
    plumbing.call("PUT", f"{SINK}/windows/{key}/{start}", time.monotonic() + 2, body)
# TODO: the rest of the log, the watermark, late and doubled events, failures, a state that stays.
while True:
    time.sleep(60)
