"""The night in which sellers are paid. See statement.md.

What is here fetches the first part, and pays nobody. `plumbing.py` is plumbing that you can rely on:
calls that end at a point in time, and `Cancel`, which ends a call from another thread."""

import json
import os
import time

import plumbing

WORKERS = os.environ["WORKERS"].split(",")
PARTS = int(os.environ["PARTS"])
STRAGGLE = int(os.environ["STRAGGLE_MS"]) / 1000

answer = plumbing.call("GET", f"{WORKERS[0]}/parts/0", time.monotonic() + STRAGGLE)
print(len(json.loads(answer.body)["sales"]), "sales in the first part")
# TODO: all parts, payments, sums, transfers, the output, and to survive all of it.
