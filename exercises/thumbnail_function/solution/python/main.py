"""Thumbnails, a batch at a time.

A record is a function of itself and of a point in time: it returns when the record is done, and throws
when it has failed. Each call gets the time that is left, so nothing runs on after the answer."""

import concurrent.futures
import json
import os
import threading
import time

import plumbing

IMAGES = os.environ["IMAGES"]
THUMBS = os.environ["THUMBS"]

slots = threading.Semaphore(int(os.environ["CONCURRENCY"]))
config_lock = threading.Lock()
config = {}


def handle(request):
    until = time.monotonic()
    if request.path == "/healthz":
        return 200, {"ok": True}
    if request.path != "/invoke":
        return 404, {"error": "POST /invoke"}
    event = json.loads(request.body)
    until += event["deadline_ms"] / 1000
    records = event["records"]
    with concurrent.futures.ThreadPoolExecutor(max(1, len(records))) as pool:
        done = list(pool.map(lambda record: is_done(record, until), records))
    return 200, {"failed": [record["id"] for record, ok in zip(records, done) if not ok]}


def is_done(record, until):
    try:
        make_thumbnail(record, load_scale(until), until)
        return True
    except Exception:
        return False


def load_scale(until):
    with config_lock:
        if not config:
            answer = plumbing.call("GET", f"{IMAGES}/config", until)
            expect_ok(answer)
            config.update(json.loads(answer.body))
        return config["scale"]


def make_thumbnail(record, scale, until):
    headers = {"Authorization": f"Bearer {record['token']}"}
    path = f"{record['tenant']}/{record['image']}"
    answer = plumbing.call("GET", f"{THUMBS}/{path}", until, headers=headers)
    if answer.status == 200:
        return
    if answer.status != 404:
        expect_ok(answer)
    if not slots.acquire(timeout=plumbing.left(until)):
        raise TimeoutError("no room before the deadline")
    try:
        answer = plumbing.call("GET", f"{IMAGES}/{path}", until, headers=headers)
    finally:
        slots.release()
    expect_ok(answer)
    thumbnail = shrink(answer.body.decode(), scale)
    expect_ok(plumbing.call("PUT", f"{THUMBS}/{path}", until, thumbnail.encode(), headers))


def expect_ok(answer):
    if answer.status != 200:
        raise OSError(f"a store answered {answer.status}")


def shrink(image, scale):
    lines = image.splitlines()
    if len({len(line) for line in lines}) != 1:
        return "broken"
    return "".join(line[::scale] + "\n" for line in lines[::scale])


if __name__ == "__main__":
    plumbing.serve(int(os.environ["PORT"]), handle)
