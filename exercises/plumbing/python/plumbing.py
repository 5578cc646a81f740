"""Just enough HTTP for an exercise: a server with a thread a connection, and a client whose call
ends at a point in time. You need not change it, and you may."""

import collections
import http.client
import http.server
import json
import socket
import threading
import time
import urllib.parse

# `query` is as it came, `q=brass%20lamp`; `body` is bytes; `headers` finds a name in any case.
Request = collections.namedtuple("Request", "method path query headers body")
Response = collections.namedtuple("Response", "status headers body")


class Server(http.server.ThreadingHTTPServer):
    """A server on 127.0.0.1; `serve_forever` runs it. `handler(request)` returns a status, what
    becomes the JSON body, and headers, if it has any: `return 200, {"ok": True}`. A body of bytes
    is sent as it is."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port, handler):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                path, _, query = self.path.partition("?")
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                request = Request(self.command, path, query, self.headers, body)
                status, value, *headers = handler(request)
                body = value if isinstance(value, bytes) else json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                for name, value in {"Content-Type": "application/json", **dict(*headers)}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_PUT = do_DELETE = do_GET

            def log_message(self, *args):
                pass

        super().__init__(("127.0.0.1", port), Handler)


def serve(port, handler):
    """Serves for ever, see `Server`."""
    Server(port, handler).serve_forever()


class Cancel:
    """Ends calls from another thread: those that were given it, and those that will be."""

    def __init__(self):
        self.lock = threading.Lock()
        self.cancelled = False
        self.sockets = []

    def cancel(self):
        with self.lock:
            self.cancelled = True
            for sock in self.sockets:
                self.end(sock)

    def watch(self, sock):
        with self.lock:
            self.sockets.append(sock)
            if self.cancelled:
                self.end(sock)

    def end(self, sock):
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def call(method, url, until, body=None, headers={}, cancel=None):
    """Calls `url`; `body` is bytes. Ends at `until` (of `time.monotonic`) at the latest, whatever
    the server does: before each read the socket gets just the time that is left. Raises an
    exception where there is no complete answer."""
    parts = urllib.parse.urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=left(until))
    try:
        connection.connect()
        sock = connection.sock
        if cancel:
            cancel.watch(sock)
        sock.settimeout(left(until))
        connection.request(method, target, body, headers={"Connection": "close", **headers})
        sock.settimeout(left(until))
        response = connection.getresponse()
        answer = b""
        while response.length != 0:
            sock.settimeout(left(until))
            piece = response.read1(65536)
            if not piece:
                break
            answer += piece
        if response.length:
            raise OSError("the connection was closed half-way through the body")
        return Response(response.status, response.headers, answer)
    finally:
        connection.close()


def get(url, until):
    """`GET url`: its status and its body, see `call`."""
    response = call("GET", url, until)
    return response.status, response.body


def left(until):
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise TimeoutError("the time is over")
    return seconds
