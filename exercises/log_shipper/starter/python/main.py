"""Logs that leave without the application. See statement.md.

What is here sends what is there when it starts, line by line, and then sleeps. `plumbing.py` is
plumbing that you can rely on: calls that end at a point in time."""

import json
import os
import time

import plumbing

LOG_DIR = os.environ["LOG_DIR"]
SINK = os.environ["SINK"]
SINK_TIME = int(os.environ["SINK_MS"]) / 1000


def send(lines):
    body = b""
    for number, line in lines:
        body += json.dumps({"index": {"_id": str(number)}}).encode() + b"\n"
        body += json.dumps({"message": line}).encode() + b"\n"
    headers = {"Content-Type": "application/x-ndjson"}
    plumbing.call("POST", f"{SINK}/_bulk", time.monotonic() + SINK_TIME, body, headers)


with open(os.path.join(LOG_DIR, "app.log")) as file:
    for number, line in enumerate(file):
        send([(number, line.rstrip("\n"))])
# TODO: new lines, half lines, rotation, a store that is away, a state that outlives this program.
while True:
    time.sleep(60)
