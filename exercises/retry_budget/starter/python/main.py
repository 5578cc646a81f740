"""An ambassador that retries within a budget. See statement.md.

What is here passes requests on, one attempt each. `plumbing.py` is plumbing that you can rely on."""

import os
import time

import plumbing

UPSTREAM = os.environ["UPSTREAM"]
TOKEN_FILE = os.environ["TOKEN_FILE"]
ATTEMPTS = int(os.environ["ATTEMPTS"])
TRY = int(os.environ["TRY_MS"]) / 1000
DEADLINE = int(os.environ["DEADLINE_MS"]) / 1000
BASE = int(os.environ["BASE_MS"]) / 1000
CEILING = int(os.environ["CEILING_MS"]) / 1000
RATIO = float(os.environ["BUDGET_RATIO"])
CAP = int(os.environ["BUDGET_CAP"])
BREAKER_CALLS = int(os.environ["BREAKER_CALLS"])
OPEN = int(os.environ["OPEN_MS"]) / 1000


def handle(request):
    if request.path == "/healthz":
        return 200, {}
    target = request.path + (f"?{request.query}" if request.query else "")
    # TODO: credentials, attempts, the budget, the breaker.
    try:
        until = time.monotonic() + TRY
        answer = plumbing.call(request.method, UPSTREAM + target, until, request.body)
    except Exception:
        return 502, {}
    return answer.status, answer.body


if __name__ == "__main__":
    plumbing.serve(int(os.environ["PORT"]), handle)
