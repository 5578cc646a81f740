"""A proxy that knows who has which key.

A ring is built whenever the file changes: each shard has POINTS points on it, and a key belongs to the
shard of the first point at or after its own hash."""

import bisect
import concurrent.futures
import hashlib
import os
import random
import threading
import time

import plumbing

SHARDS_FILE = os.environ["SHARDS_FILE"]
HOT_FILE = os.environ["HOT_FILE"]
COPIES = int(os.environ["COPIES"])
TRY = int(os.environ["TRY_MS"]) / 1000
POINTS = 200


def position(text):
    return int.from_bytes(hashlib.sha1(text.encode()).digest()[:8], "big")


class Ring:
    def __init__(self, shards):
        self.shards = shards
        points = [(position(f"{name}#{nr}"), name) for name in shards for nr in range(POINTS)]
        self.points = sorted(points)

    def owners(self, key, count):
        """The URLs of the first shards from the key's place onwards, all different."""
        start = bisect.bisect_left(self.points, (position(key), ""))
        names = []
        for nr in range(len(self.points)):
            name = self.points[(start + nr) % len(self.points)][1]
            if name not in names:
                names.append(name)
            if len(names) == count:
                break
        return [self.shards[name] for name in names]


ring = None
hot = set()


def read_shards():
    with open(SHARDS_FILE) as file:
        shards = dict(line.split() for line in file.read().splitlines())
    if not shards:
        raise ValueError("there is no shard")
    return shards


def read_files():
    global ring, hot
    shards = read_shards()
    if ring is None or ring.shards != shards:
        ring = Ring(shards)
    with open(HOT_FILE) as file:
        hot = set(file.read().split())


def watch_files():
    while True:
        time.sleep(0.2)
        try:
            read_files()
        except (OSError, ValueError):
            pass  # The last good files stay.


def handle(request):
    if request.path == "/healthz":
        return 200, {"ok": True}
    key = request.path.removeprefix("/keys/")
    urls = ring.owners(key, COPIES if key in hot else 1)
    if request.method == "PUT":
        with concurrent.futures.ThreadPoolExecutor(len(urls)) as pool:
            answers = list(pool.map(lambda url: forward(request, url), urls))
        return answers[0] if all(answers) else (503, {"error": "a shard is away"})
    random.shuffle(urls)
    for url in urls:
        answer = forward(request, url)
        if answer:
            return answer
    return 503, {"error": "the shard is away"}


def forward(request, url):
    try:
        until = time.monotonic() + TRY
        answer = plumbing.call(request.method, url + request.path, until, request.body or None)
        return answer.status, answer.body
    except Exception:
        return None


if __name__ == "__main__":
    read_files()
    threading.Thread(target=watch_files, daemon=True).start()
    plumbing.serve(int(os.environ["PORT"]), handle)
