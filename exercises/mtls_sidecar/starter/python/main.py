"""A sidecar for its service: so far it passes plain HTTP on, in both directions.

TODO: speak TLS at TLS_PORT and to PEER, with the certificates in CERT_DIR."""

import os
import threading
import time

import plumbing

APP = os.environ["APP"]
PEER = "http://" + os.environ["PEER"]


def passing_on(to):
    def handle(request):
        if request.path == "/healthz":
            return 200, {}
        try:
            until = time.monotonic() + 5
            answer = plumbing.call(request.method, to + request.path, until, request.body)
        except OSError:
            return 502, {}
        return answer.status, answer.body

    return handle


def main():
    secured = plumbing.Server(int(os.environ["TLS_PORT"]), passing_on(APP))
    threading.Thread(target=secured.serve_forever, daemon=True).start()
    plumbing.serve(int(os.environ["PORT"]), passing_on(PEER))


if __name__ == "__main__":
    main()
