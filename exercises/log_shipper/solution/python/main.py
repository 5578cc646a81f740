"""Logs that leave without the application.

The state is an inode and the offset of the first byte in that file that the store has not confirmed.
One loop: read whole lines, send them until none is left over, save the offset."""

import json
import os
import time

import plumbing

LOG_DIR = os.environ["LOG_DIR"]
STATE = os.path.join(os.environ["STATE_DIR"], "position.json")
SINK = os.environ["SINK"]
BATCH_MAX = int(os.environ["BATCH_MAX"])
FLUSH = int(os.environ["FLUSH_MS"]) / 1000
SINK_TIME = int(os.environ["SINK_MS"]) / 1000
RETRY = int(os.environ["RETRY_MS"]) / 1000
ROTATE = int(os.environ["ROTATE_MS"]) / 1000
LOOK = min(FLUSH / 3, 0.05)


def files():
    """The log's files as inode and path, the oldest first."""
    while True:
        try:
            return list_files()
        except FileNotFoundError:
            pass  # A rotation is under way; look again.


def list_files():
    found = []
    for name in os.listdir(LOG_DIR):
        number = name.removeprefix("app.log").removeprefix(".") or "0"
        if name.startswith("app.log") and number.isdigit():
            path = os.path.join(LOG_DIR, name)
            found.append((int(number), os.stat(path).st_ino, path))
    return [(inode, path) for _, inode, path in sorted(found, reverse=True)]


def load():
    try:
        with open(STATE) as file:
            return json.load(file)
    except FileNotFoundError:
        return None


def save(inode, offset):
    with open(f"{STATE}.new", "w") as file:
        json.dump([inode, offset], file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(f"{STATE}.new", STATE)


def whole_lines(file, offset):
    """At most BATCH_MAX lines from there on, each with its offset, and the offset behind them."""
    file.seek(offset)
    lines = []
    while len(lines) < BATCH_MAX:
        line = file.readline()
        if not line.endswith(b"\n"):
            break
        lines.append((offset, line[:-1].decode()))
        offset += len(line)
    return lines, offset


def deliver(inode, lines):
    """Sends them until the store has taken or refused each of them."""
    while lines:
        try:
            statuses = send(inode, lines)
            lines = [line for line, status in zip(lines, statuses) if status in (429, 503)]
        except Exception:
            pass
        if lines:
            time.sleep(RETRY)


def send(inode, lines):
    body = b""
    for offset, line in lines:
        body += json.dumps({"index": {"_id": f"{inode}-{offset}"}}).encode() + b"\n"
        body += json.dumps({"message": line}).encode() + b"\n"
    headers = {"Content-Type": "application/x-ndjson"}
    answer = plumbing.call("POST", f"{SINK}/_bulk", time.monotonic() + SINK_TIME, body, headers)
    if answer.status != 200:
        raise OSError(f"the store answered {answer.status}")
    return [item["index"]["status"] for item in json.loads(answer.body)["items"]]


def ship(inode, path, offset):
    """Ships a file from there on until it is rotated and finished."""
    rotated_since = None
    first_seen = None
    with open(path, "rb") as file:
        while True:
            now = time.monotonic()
            if rotated_since is None and files()[-1][0] != inode:
                rotated_since = now
            lines, end = whole_lines(file, offset)
            if not lines:
                if rotated_since is not None and now >= rotated_since + ROTATE:
                    return
                time.sleep(LOOK)
                continue
            first_seen = first_seen or now
            if len(lines) < BATCH_MAX and now < first_seen + FLUSH / 2:
                time.sleep(LOOK)
                continue
            deliver(inode, lines)
            offset, first_seen = end, None
            save(inode, offset)


def main():
    position = load()
    while not files():
        time.sleep(LOOK)
    if position is None:
        position = [files()[0][0], 0]
    inode, offset = position
    while True:
        ship(inode, dict(files())[inode], offset)
        inodes = [inode for inode, _ in files()]
        inode, offset = inodes[inodes.index(inode) + 1], 0
        save(inode, offset)


if __name__ == "__main__":
    main()
