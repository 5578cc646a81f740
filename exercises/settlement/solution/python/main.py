"""The night in which sellers are paid.

Each step leaves a file in STATE_DIR that says what came of it: the parts, the payments, the amounts, each
transfer. What is there is not done again."""

import json
import os
import threading
import time

import plumbing

NIGHT = os.environ["NIGHT"]
WORKERS = os.environ["WORKERS"].split(",")
PARTS = int(os.environ["PARTS"])
STRAGGLE = int(os.environ["STRAGGLE_MS"]) / 1000
BANK = os.environ["BANK"]
RETRY = int(os.environ["RETRY_MS"]) / 1000
STATE_DIR = os.environ["STATE_DIR"]
OUTPUT = os.environ["OUTPUT"]
BANK_PATIENCE = 2
WORKER_PATIENCE = 60


def load(name):
    try:
        with open(os.path.join(STATE_DIR, name)) as file:
            return json.load(file)
    except FileNotFoundError:
        return None


def save(path, value):
    """Whole or not at all; `path` is below STATE_DIR, or absolute."""
    path = os.path.join(STATE_DIR, path)
    fresh = f"{path}.{threading.get_ident()}.new"
    with open(fresh, "w") as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)


class Parts:
    """Which parts are fetched, and who has been at the others since when."""

    def __init__(self):
        self.changed = threading.Condition()
        self.sales = {nr: sales for nr in range(PARTS) if (sales := load(f"part-{nr}.json")) is not None}
        self.running = {}

    def take(self):
        """A part with its Cancel, or None when all are fetched."""
        with self.changed:
            while len(self.sales) < PARTS:
                now = time.monotonic()
                for nr in range(PARTS):
                    runs = self.running.get(nr, [])
                    straggles = len(runs) == 1 and now >= runs[0][0] + STRAGGLE
                    if nr not in self.sales and (not runs or straggles):
                        cancel = plumbing.Cancel()
                        self.running[nr] = runs + [(now, cancel)]
                        return nr, cancel
                self.changed.wait(0.02)
            return None

    def give(self, nr, cancel, sales):
        """What came of a part; None: nothing."""
        with self.changed:
            runs = self.running.get(nr, [])
            self.running[nr] = [run for run in runs if run[1] is not cancel]
            if sales is not None and nr not in self.sales:
                save(f"part-{nr}.json", sales)
                self.sales[nr] = sales
                for _, other in self.running[nr]:
                    other.cancel()
            self.changed.notify_all()


def work(worker, parts):
    while (taken := parts.take()) is not None:
        nr, cancel = taken
        sales = fetch(worker, nr, cancel)
        parts.give(nr, cancel, sales)
        if sales is None:
            time.sleep(RETRY)


def fetch(worker, nr, cancel):
    try:
        until = time.monotonic() + WORKER_PATIENCE
        answer = plumbing.call("GET", f"{worker}/parts/{nr}", until, cancel=cancel)
        sales = json.loads(answer.body)["sales"] if answer.status == 200 else None
        return [[sale["lot"], sale["seller"], sale["cents"]] for sale in sales]
    except Exception:
        return None


def ask_bank(method, path, value=None, headers={}):
    """The status and the body, once they are 200 or 422."""
    body = None if value is None else json.dumps(value).encode()
    while True:
        try:
            until = time.monotonic() + BANK_PATIENCE
            answer = plumbing.call(method, f"{BANK}/{path}", until, body, headers)
            if answer.status in (200, 422):
                return answer.status, json.loads(answer.body)
        except Exception:
            pass
        time.sleep(RETRY)


def amounts():
    """Who gets what; the same after a crash as before."""
    found = load("amounts.json")
    if found is not None:
        return found
    parts = Parts()
    threads = [threading.Thread(target=work, args=(worker, parts), daemon=True) for worker in WORKERS]
    for thread in threads:
        thread.start()
    with parts.changed:
        parts.changed.wait_for(lambda: len(parts.sales) == PARTS)
    paid = set(ask_bank("GET", "payments")[1]["paid"])
    found = {"sellers": {}, "unpaid": [], "fee_cents": 0}
    for sales in parts.sales.values():
        for lot, seller, cents in sales:
            if lot not in paid:
                found["unpaid"].append(lot)
                continue
            fee = cents * 7 // 100
            found["fee_cents"] += fee
            found["sellers"][seller] = found["sellers"].get(seller, 0) + cents - fee
    save("amounts.json", found)
    return found


def transfer(seller, cents):
    """True: paid. False: refused."""
    name = f"transfer-{seller}.json"
    paid = load(name)
    if paid is None:
        headers = {"Idempotency-Key": f"{NIGHT}-{seller}", "Content-Type": "application/json"}
        status, _ = ask_bank("POST", "transfers", {"seller": seller, "cents": cents}, headers)
        paid = status == 200
        save(name, paid)
    return paid


def main():
    if os.path.exists(OUTPUT):
        return
    found = amounts()
    result = {"night": NIGHT, "paid": {}, "refused": {}}
    for seller, cents in found["sellers"].items():
        kind = "paid" if transfer(seller, cents) else "refused"
        result[kind][seller] = cents
    result.update(unpaid=found["unpaid"], fee_cents=found["fee_cents"])
    save(OUTPUT, result)


if __name__ == "__main__":
    main()
