"""A consumer that shares its partitions.

A membership is a generation with a thread for each partition and one for the heartbeat. Any 409 ends it;
when all of its threads have ended, the main loop joins again."""

import json
import os
import signal
import threading
import time

import plumbing

MEMBER = os.environ["MEMBER"]
BROKER = os.environ["BROKER"]
STORE = os.environ["STORE"]
HEARTBEAT = int(os.environ["HEARTBEAT_MS"]) / 1000
BATCH_MAX = int(os.environ["BATCH_MAX"])
POLL = int(os.environ["POLL_MS"]) / 1000
RETRY = int(os.environ["RETRY_MS"]) / 1000
PATIENCE = 2

stop = threading.Event()


class Over(Exception):
    """The generation is over."""


class Membership:
    def __init__(self, generation, partitions):
        self.generation = generation
        self.over = threading.Event()
        self.me = {"member": MEMBER, "generation": generation}
        self.workers = [
            threading.Thread(target=self.guard, args=(self.work, mine["partition"], mine["offset"]))
            for mine in partitions
        ]
        self.heart = threading.Thread(target=self.guard, args=(self.beat,), daemon=True)

    def run(self):
        self.heart.start()
        for worker in self.workers:
            worker.start()
        while not self.over.wait(0.02) and not stop.is_set():
            pass
        for worker in self.workers:
            worker.join()
        self.over.set()

    def guard(self, job, *args):
        try:
            job(*args)
        except Over:
            self.over.set()

    def beat(self):
        while not self.over.wait(HEARTBEAT):
            self.call("POST", f"{BROKER}/heartbeat", self.me)

    def work(self, partition, offset):
        while not stop.is_set():
            url = f"{BROKER}/partitions/{partition}?offset={offset}&max={BATCH_MAX}"
            records = json.loads(self.call("GET", url).body)["records"]
            if not records:
                stop.wait(POLL) or self.over.wait(0)
                continue
            for record in records:
                self.store(partition, record)
                offset = record["offset"] + 1
                if stop.is_set():
                    break
            commit = {**self.me, "partition": partition, "offset": offset}
            self.call("POST", f"{BROKER}/commit", commit)

    def store(self, partition, record):
        value = {"bid": record["bid"], "generation": self.generation}
        answer = self.call("PUT", f"{STORE}/{partition}/{record['offset']}", value)
        if answer.status == 422:
            dead = {"partition": partition, "offset": record["offset"]}
            self.call("POST", f"{BROKER}/dead", dead)

    def call(self, method, url, value=None):
        """The answer, once it is 200 or 422; calls for as long as the generation lasts."""
        body = None if value is None else json.dumps(value).encode()
        while True:
            if self.over.is_set():
                raise Over
            try:
                answer = plumbing.call(method, url, time.monotonic() + PATIENCE, body)
            except Exception:
                answer = None
            if answer and answer.status in (200, 422):
                return answer
            if answer and answer.status == 409:
                raise Over
            self.over.wait(RETRY)


def join():
    body = json.dumps({"member": MEMBER}).encode()
    try:
        answer = plumbing.call("POST", f"{BROKER}/join", time.monotonic() + PATIENCE, body)
        return json.loads(answer.body) if answer.status == 200 else None
    except Exception:
        return None


def main():
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    while not stop.is_set():
        found = join()
        if found is None:
            stop.wait(RETRY)
        else:
            Membership(found["generation"], found["partitions"]).run()
    body = json.dumps({"member": MEMBER}).encode()
    plumbing.call("POST", f"{BROKER}/leave", time.monotonic() + PATIENCE, body)


if __name__ == "__main__":
    main()
