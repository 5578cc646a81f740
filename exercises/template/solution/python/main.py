"""Greets whom the directory names."""

import json
import os
import time

import plumbing

DIRECTORY = os.environ["DIRECTORY"]


def handle(request):
    if request.path == "/healthz":
        return 200, {}
    if request.path == "/greeting":
        return greeting()
    return 404, {}


def greeting():
    status, body = plumbing.get(f"{DIRECTORY}/name", time.monotonic() + 1)
    if status != 200:
        return 502, {}
    name = json.loads(body)["name"]
    return 200, {"greeting": f"Hello, {name}"}


plumbing.serve(int(os.environ["PORT"]), handle)
