"""Just enough HTTP for an exercise: a server with a thread a connection, and a client whose call
ends at a point in time. You need not change it, and you may."""

import http.client
import http.server
import json
import time
import urllib.parse


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def serve(port, handler):
    """Serves on 127.0.0.1 for ever. `handler(path, query)` returns a status and what becomes the
    JSON body; `query` is as it came: `q=brass%20lamp`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            path, _, query = self.path.partition("?")
            status, value = handler(path, query)
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    Server(("127.0.0.1", port), Handler).serve_forever()


def get(url, until):
    """`GET url`: its status and its body. Ends at `until` (of `time.monotonic`) at the latest,
    whatever the server does: before each read the socket gets just the time that is left."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=left(until))
    try:
        connection.request("GET", f"{parts.path}?{parts.query}", headers={"Connection": "close"})
        sock = connection.sock
        sock.settimeout(left(until))
        response = connection.getresponse()
        body = b""
        while response.length != 0:
            sock.settimeout(left(until))
            piece = response.read1(65536)
            if not piece:
                break
            body += piece
        if response.length:
            raise OSError("the connection was closed half-way through the body")
        return response.status, body
    finally:
        connection.close()


def left(until):
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise TimeoutError("the time is over")
    return seconds
