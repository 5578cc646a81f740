"""One language for two kinds of servers. See statement.md.

What is here says that every target is up. `plumbing.py` is plumbing that you can rely on: the server,
and calls that end at a point in time."""

import os

import plumbing

REDIS = os.environ["REDIS"].split(",")
APPS = os.environ["APPS"].split(",")


def handle(request):
    if request.path == "/healthz":
        return 200, {"ok": True}
    if request.path != "/metrics":
        return 404, {"error": "GET /metrics"}
    # TODO: ask the targets, side by side.
    lines = ["# HELP target_up Whether the target could be read.", "# TYPE target_up gauge"]
    lines += [f'target_up{{instance="{target}"}} 1' for target in REDIS + APPS]
    text = "\n".join(lines) + "\n"
    return 200, text.encode(), {"Content-Type": "text/plain; version=0.0.4"}


plumbing.serve(int(os.environ["PORT"]), handle)
