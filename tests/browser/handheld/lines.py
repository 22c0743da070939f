"""A bad line between a browser and the server: cut, cut after the server has acted, or with another worker
behind it."""

import gzip
import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HOP = {"connection", "transfer-encoding", "content-length", "keep-alive", "server", "date"}


class Line:
    """Passes requests on to `target`. `state`: up, down (nothing passes), or deaf: the server acts and its
    answer to what `deaf_to` begins with is lost. `sent` are the bodies of what was posted; `worker_note`
    makes another worker. With `compresses`, static files come compressed, as production keeps them ready;
    without it nothing does."""

    def __init__(self, target: str):
        self.target, self.state, self.deaf_to = urlsplit(target), "up", "/handheld/entries/"
        self.sent: list[tuple[str, bytes, str]] = []
        self.lost, self.worker_note, self.compresses = 0, "", False
        line = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *words):
                pass

            def answer(self):
                line.pass_on(self)

            do_GET = do_POST = do_PUT = do_HEAD = answer

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *about: (
            None
        )  # a browser that goes away in the middle is what is tested
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def pass_on(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        if self.state == "down":
            self._cut(handler)
            return
        if handler.command == "POST" and handler.path.startswith("/handheld/entries/"):
            self.sent.append((handler.path, body, handler.headers.get("Authorization", "")))
        status, headers, content = self._ask(handler, body)
        if self.state == "deaf" and handler.path.startswith(self.deaf_to):
            self.lost += 1
            self._cut(handler)
            return
        if handler.path.startswith("/handheld/worker.js") and self.worker_note:
            content = content.replace(
                b'var KEPT = "handheld-', f'var KEPT = "handheld-{self.worker_note}-'.encode()
            )
        if self.compresses and handler.path.startswith("/static/") and status == 200:
            content, headers = gzip.compress(content, 9), [*headers, ("Content-Encoding", "gzip")]
        handler.send_response(status)
        for name, value in headers:
            if name.lower() not in HOP:
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def _ask(self, handler, body: bytes):
        server = http.client.HTTPConnection(self.target.hostname, self.target.port, timeout=60)
        left_out = HOP if self.compresses else HOP | {"accept-encoding"}
        wanted = {name: value for name, value in handler.headers.items() if name.lower() not in left_out}
        server.request(handler.command, handler.path, body or None, wanted)
        answer = server.getresponse()
        found = answer.status, answer.getheaders(), answer.read()
        server.close()
        return found

    @staticmethod
    def _cut(handler) -> None:
        handler.close_connection = True
        handler.connection.close()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
