"""A replica behind a balancer.

Two flags decide what the probes say: warm and leaving. The main thread waits for signals and leads
through the end: linger, close, drain, exit."""

import os
import queue
import signal
import threading
import time

import plumbing

DATABASE = os.environ["DATABASE"]
LINGER = int(os.environ["LINGER_MS"]) / 1000
GRACE = int(os.environ["GRACE_MS"]) / 1000

warm = threading.Event()
leaving = threading.Event()
# One entry for each SIGTERM.
signals = queue.SimpleQueue()


def handle(request):
    if request.path == "/livez":
        return 200, {}
    if request.path == "/readyz":
        return (200 if warm.is_set() and not leaving.is_set() else 503), {}
    if request.path.startswith("/lots/"):
        return fetch(request.path) if warm.is_set() else (503, {})
    return 404, {}


def fetch(path):
    try:
        status, body = plumbing.get(DATABASE + path, time.monotonic() + 60)
    except Exception:
        return 502, {}
    return (200, body) if status == 200 else (502, {})


def load_catalogue():
    while not warm.is_set():
        try:
            status, _ = plumbing.get(f"{DATABASE}/catalogue", time.monotonic() + 60)
            if status == 200:
                warm.set()
                return
        except Exception:
            pass
        time.sleep(0.2)


def leave(server):
    """From SIGTERM to the exit, in a thread of its own."""
    time.sleep(LINGER)
    server.shutdown()
    # Closes the socket, and waits for the threads that answer.
    server.server_close()
    os._exit(0)


def main():
    signal.signal(signal.SIGTERM, lambda *_: signals.put(time.monotonic()))
    # Threads that answer are waited for.
    plumbing.Server.daemon_threads = False
    server = plumbing.Server(int(os.environ["PORT"]), handle)
    for target in (server.serve_forever, load_catalogue):
        threading.Thread(target=target, daemon=True).start()
    # With a limit, because a signal is handled only between two waits.
    first = wait_for_signal(None)
    leaving.set()
    threading.Thread(target=leave, args=(server,), daemon=True).start()
    wait_for_signal(first + GRACE)
    os._exit(1)


def wait_for_signal(until):
    """When it came; None if the time was over first."""
    while until is None or time.monotonic() < until:
        try:
            return signals.get(timeout=0.02)
        except queue.Empty:
            pass


if __name__ == "__main__":
    main()
