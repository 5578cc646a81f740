"""Wrong on purpose: urlopen's timeout is for each read, and starts anew with every byte that comes."""

import json
import os
import threading
import time
import urllib.request

import plumbing

SHARDS = os.environ["SHARDS"].split(",")
DEADLINE = int(os.environ["DEADLINE_MS"]) / 1000


def handle(path, query):
    if path == "/healthz":
        return 200, {}
    if path == "/search":
        return search(query)
    return 404, {}


def search(query):
    until = time.monotonic() + DEADLINE
    answers = scatter(query, until)
    missing = [shard for shard in SHARDS if answers.get(shard) is None]
    body = {
        "hits": gather(hits for hits in answers.values() if hits is not None),
        "shards_ok": len(SHARDS) - len(missing),
        "shards_total": len(SHARDS),
        "missing": missing,
    }
    return (503 if len(missing) == len(SHARDS) else 200), body


def scatter(query, until):
    """Asks all shards at once, and waits for every call: each has a timeout, after all."""
    answers = {}

    def call(shard):
        answers[shard] = ask(shard, query)

    calls = [threading.Thread(target=call, args=(shard,), daemon=True) for shard in SHARDS]
    for thread in calls:
        thread.start()
    for thread in calls:
        thread.join()
    return answers


def gather(answers):
    """The ten best, each lot once with its best score. Sorted here: a shard's order is not to be
    trusted."""
    best = {}
    for hits in answers:
        for lot, score in hits:
            best[lot] = max(score, best.get(lot, score))
    ranked = sorted(best.items(), key=lambda hit: (-hit[1], hit[0]))
    return [{"id": lot, "score": score} for lot, score in ranked[:10]]


def ask(shard, query):
    """The hits of one shard; None if it is missing, for whatever reason."""
    try:
        with urllib.request.urlopen(f"{shard}/search?{query}&k=10", timeout=DEADLINE) as response:
            body = response.read()
        return [(hit["id"], hit["score"]) for hit in json.loads(body)["hits"]]
    except Exception:
        return None


if __name__ == "__main__":
    plumbing.serve(int(os.environ["PORT"]), handle)
