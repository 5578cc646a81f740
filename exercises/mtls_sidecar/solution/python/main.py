"""A sidecar that speaks mutual TLS for its service.

A Bundle is what one look at the mounted folder gave: one TLS context for each direction, made of the
same version of all three files. A new version replaces the bundle; what runs keeps the one that it
began with."""

import http.client
import os
import ssl
import threading
import time

import plumbing

APP = os.environ["APP"]
PEER_HOST, PEER_PORT = os.environ["PEER"].split(":")
PEER_ID = os.environ["PEER_ID"]
ALLOWED = set(os.environ["ALLOWED"].split(","))
CERT_DIR = os.environ["CERT_DIR"]
TIMEOUT = int(os.environ["TIMEOUT_MS"]) / 1000
LOOK = 0.2

# Of the connection that this thread serves.
connection = threading.local()


class Bundle:
    def __init__(self, version):
        files = [f"{CERT_DIR}/{version}/{name}" for name in ("tls.crt", "tls.key", "ca.crt")]
        self.version = version
        self.inbound = context(ssl.PROTOCOL_TLS_SERVER, *files)
        self.outbound = context(ssl.PROTOCOL_TLS_CLIENT, *files)


def context(protocol, cert, key, roots):
    made = ssl.SSLContext(protocol)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_REQUIRED
    made.load_cert_chain(cert, key)
    made.load_verify_locations(roots)
    return made


def identity(tls):
    """The one URI of the certificate on the other side; None if it has another number of them."""
    names = tls.getpeercert().get("subjectAltName", ())
    uris = [name for kind, name in names if kind == "URI"]
    return uris[0] if len(uris) == 1 else None


class Sidecar:
    def __init__(self):
        self.bundle = Bundle(os.readlink(f"{CERT_DIR}/..data"))

    def watch(self):
        while True:
            time.sleep(LOOK)
            try:
                version = os.readlink(f"{CERT_DIR}/..data")
                if version != self.bundle.version:
                    self.bundle = Bundle(version)
            except (OSError, ssl.SSLError):
                pass  # Not whole, or gone again: the last good one stays.

    def outbound(self, request):
        if request.path == "/healthz":
            return 200, {}
        peer = http.client.HTTPSConnection(
            PEER_HOST, int(PEER_PORT), timeout=TIMEOUT, context=self.bundle.outbound
        )
        try:
            peer.connect()
            if identity(peer.sock) != PEER_ID:
                return 502, {"error": "the peer is somebody else"}
            headers = passed_on(request)
            peer.request(request.method, target(request), request.body, headers)
            response = peer.getresponse()
            kind = response.getheader("Content-Type", "application/json")
            return response.status, response.read(), {"Content-Type": kind}
        except (OSError, http.client.HTTPException):
            return 502, {"error": "no answer of the peer"}
        finally:
            peer.close()

    def inbound(self, request):
        if connection.identity not in ALLOWED:
            return 403, {"error": "not allowed"}
        headers = {**passed_on(request), "X-Peer-Id": connection.identity}
        until = time.monotonic() + TIMEOUT
        try:
            answer = plumbing.call(request.method, APP + target(request), until, request.body, headers)
        except (OSError, http.client.HTTPException):
            return 502, {"error": "no answer of the service"}
        kind = answer.headers.get("Content-Type", "application/json")
        return answer.status, answer.body, {"Content-Type": kind}


def target(request):
    return request.path + (f"?{request.query}" if request.query else "")


def passed_on(request):
    ours = {"connection", "content-length", "host", "x-peer-id"}
    kept = {name: value for name, value in request.headers.items() if name.lower() not in ours}
    return {**kept, "Connection": "close"}


class TlsServer(plumbing.Server):
    def __init__(self, port, sidecar):
        self.sidecar = sidecar
        super().__init__(port, sidecar.inbound)

    def finish_request(self, plain, address):
        """In the thread of the connection: a handshake that takes long is its own affair."""
        plain.settimeout(TIMEOUT)
        try:
            with self.sidecar.bundle.inbound.wrap_socket(plain, server_side=True) as tls:
                connection.identity = identity(tls)
                super().finish_request(tls, address)
        except OSError:
            pass  # Refused, or gone away.


def main():
    sidecar = Sidecar()
    secured = TlsServer(int(os.environ["TLS_PORT"]), sidecar)
    for run in (sidecar.watch, secured.serve_forever):
        threading.Thread(target=run, daemon=True).start()
    plumbing.serve(int(os.environ["PORT"]), sidecar.outbound)


if __name__ == "__main__":
    main()
