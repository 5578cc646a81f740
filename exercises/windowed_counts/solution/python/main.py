"""Counts that do not change their mind.

The core knows no I/O: a state and an event make a new state and results. The loop around it reads a
batch, sends what came out, and then saves the state with its position. Killed anywhere, it does the last
batch again from the same state."""

import json
import os
import time

import plumbing

SOURCE = os.environ["SOURCE"]
SINK = os.environ["SINK"]
STATE = os.path.join(os.environ["STATE_DIR"], "state.json")
WINDOW = int(os.environ["WINDOW_MS"])
LATENESS = int(os.environ["LATENESS_MS"])
BATCH_MAX = int(os.environ["BATCH_MAX"])
POLL = int(os.environ["POLL_MS"]) / 1000
RETRY = int(os.environ["RETRY_MS"]) / 1000
PATIENCE = 2


def is_closed(state, start):
    return start + WINDOW + LATENESS <= state["watermark"]


def take(state, event):
    """The results of an event: paths and values."""
    results = []
    state["watermark"] = max(state["watermark"], event["at_ms"])
    for window, ids in list(state["open"].items()):
        if is_closed(state, int(window.split("/")[1])):
            results.append((f"windows/{window}", {"count": len(ids)}))
            del state["open"][window]
    start = event["at_ms"] - event["at_ms"] % WINDOW
    if is_closed(state, start):
        results.append((f"late/{event['id']}", {}))
    else:
        ids = state["open"].setdefault(f"{event['key']}/{start}", [])
        if event["id"] not in ids:
            ids.append(event["id"])
    return results


def call(method, url, value=None):
    """The body of a 200; calls until there is one."""
    body = None if value is None else json.dumps(value).encode()
    while True:
        try:
            answer = plumbing.call(method, url, time.monotonic() + PATIENCE, body)
            if answer.status == 200:
                return json.loads(answer.body)
        except Exception:
            pass
        time.sleep(RETRY)


def load():
    try:
        with open(STATE) as file:
            return json.load(file)
    except FileNotFoundError:
        return {"position": 0, "watermark": 0, "open": {}}


def save(state):
    with open(f"{STATE}.new", "w") as file:
        json.dump(state, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(f"{STATE}.new", STATE)


def main():
    state = load()
    while True:
        batch = call("GET", f"{SOURCE}/events?from={state['position']}&max={BATCH_MAX}")
        if not batch["events"]:
            time.sleep(POLL)
            continue
        for event in batch["events"]:
            for path, value in take(state, event):
                call("PUT", f"{SINK}/{path}", value)
        state["position"] = batch["next"]
        save(state)


if __name__ == "__main__":
    main()
