"""Greets whom the directory names. See statement.md.

What is here serves. `plumbing.py` is plumbing that you can rely on."""

import os

import plumbing


def handle(request):
    if request.path == "/healthz":
        return 200, {}
    if request.path == "/greeting":
        # TODO: ask the directory.
        return 200, {"greeting": "Hello"}
    return 404, {}


plumbing.serve(int(os.environ["PORT"]), handle)
