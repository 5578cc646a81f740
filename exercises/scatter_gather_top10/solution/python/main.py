"""The root of a search over three shards.

One point in time, taken when the request arrives, rules everything: the wait for the shards and
every call to them. Each request has its own queue, so a late answer finds nobody listening."""

import json
import os
import queue
import threading
import time

import plumbing

SHARDS = os.environ["SHARDS"].split(",")
DEADLINE = int(os.environ["DEADLINE_MS"]) / 1000


def handle(request):
    if request.path == "/healthz":
        return 200, {}
    if request.path == "/search":
        return search(request.query)
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
    """Asks all shards at once: hits by shard, None or nothing for those that failed or are late."""
    results = queue.Queue()
    for shard in SHARDS:
        # The thread ends at `until` as well, because the call does.
        threading.Thread(
            target=lambda shard=shard: results.put((shard, ask(shard, query, until))), daemon=True
        ).start()
    answers = {}
    try:
        while len(answers) < len(SHARDS):
            shard, hits = results.get(timeout=plumbing.left(until))
            answers[shard] = hits
    except (TimeoutError, queue.Empty):
        pass
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


def ask(shard, query, until):
    """The hits of one shard; None if it is missing, for whatever reason."""
    try:
        status, body = plumbing.get(f"{shard}/search?{query}&k=10", until)
        if status != 200:
            return None
        return [(hit["id"], hit["score"]) for hit in json.loads(body)["hits"]]
    except Exception:
        return None


if __name__ == "__main__":
    plumbing.serve(int(os.environ["PORT"]), handle)
