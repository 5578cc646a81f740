"""A new configuration without a restart. See statement.md.

What is here sends what is there when it starts, and then sleeps. `plumbing.py` is plumbing that you can
rely on: calls that end at a point in time."""

import os
import time

import plumbing

CONFIG = os.path.join(os.environ["CONFIG_DIR"], "app.json")
APP = os.environ["APP"]
RELOAD = int(os.environ["RELOAD_MS"]) / 1000

with open(CONFIG, "rb") as file:
    config = file.read()
headers = {"Content-Type": "application/json"}
plumbing.call("POST", f"{APP}/reload", time.monotonic() + RELOAD, config, headers)
# TODO: changes, bad versions, bursts, a service that is away.
while True:
    time.sleep(60)
