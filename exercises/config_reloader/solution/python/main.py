"""A new configuration without a restart.

A loop that looks at the content every few milliseconds, and decides in one place whether now is the
time to send it."""

import json
import os
import time

import plumbing

CONFIG = os.path.join(os.environ["CONFIG_DIR"], "app.json")
APP = os.environ["APP"]
SETTLE = int(os.environ["SETTLE_MS"]) / 1000
RELOAD = int(os.environ["RELOAD_MS"]) / 1000
RETRY = int(os.environ["RETRY_MS"]) / 1000
LOOK = 0.03


def read():
    """The content, or None if it cannot be read right now."""
    try:
        with open(CONFIG, "rb") as file:
            return file.read()
    except OSError:
        return None


def is_valid(content):
    try:
        config = json.loads(content)
        cents, regions = config["max_bid_cents"], config["regions"]
    except (ValueError, TypeError, KeyError):
        return False
    return type(cents) is int and cents > 0 and type(regions) is list and len(regions) > 0


def reload(content):
    """The status of the answer, or None if there was none."""
    headers = {"Content-Type": "application/json"}
    try:
        until = time.monotonic() + RELOAD
        return plumbing.call("POST", f"{APP}/reload", until, content, headers).status
    except Exception:
        return None


def main():
    seen = None  # What the file said last, and since when.
    changed = float("-inf")
    first_change = None  # The first one since the last reload.
    has = refused = None  # What the service has, and what it does not want.
    not_before = 0
    while True:
        time.sleep(LOOK)
        now = time.monotonic()
        content = read()
        if content is not None and content != seen:
            if seen is not None:
                changed = now
                first_change = first_change or now
            seen = content
            refused = None
        if seen is None or seen in (has, refused) or not is_valid(seen):
            if now >= changed + SETTLE:
                first_change = None
            continue
        settled = now >= changed + SETTLE or (first_change and now >= first_change + 5 * SETTLE)
        if not settled or now < not_before:
            continue
        status = reload(seen)
        first_change = None
        if status == 200:
            has = seen
        elif status == 422:
            refused = seen
        else:
            not_before = time.monotonic() + RETRY


if __name__ == "__main__":
    main()
