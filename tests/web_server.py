"""A web server in the process of the tests that does what servers do, good and bad."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

DATA = bytes(range(256)) * 1000
ETAG = '"one"'

Answer = Callable[["Handler"], None]


@dataclass
class Server:
    """Answers by path; `seen` holds the requests that came."""

    url: str
    answers: dict[str, Answer] = field(default_factory=dict)
    seen: list[tuple[str, str | None]] = field(default_factory=list)  # path, Range
    conditions: list[str | None] = field(default_factory=list)  # If-None-Match or If-Modified-Since of each


class Handler(http.server.BaseHTTPRequestHandler):
    server_state: Server

    def do_GET(self) -> None:
        self.server_state.seen.append((self.path, self.headers["Range"]))
        self.server_state.conditions.append(self.headers["If-None-Match"] or self.headers["If-Modified-Since"])
        answer = self.server_state.answers.get(self.path)
        if answer is None:
            self.send_error(404)
        else:
            answer(self)

    def log_message(self, format: str, *args: object) -> None:
        pass

    def head(self, status: int = 200, /, **headers: object) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()


@contextmanager
def serving() -> Iterator[Server]:
    """A server on this machine until the end of the block."""
    listening = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state = Server(f"http://127.0.0.1:{listening.server_address[1]}")
    Handler.server_state = state
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()


def whole(handler: Handler) -> None:
    handler.head(Content_Length=len(DATA), ETag=ETAG)
    handler.wfile.write(DATA)


def first_half(handler: Handler) -> None:
    handler.head(Content_Length=len(DATA), ETag=ETAG)
    handler.wfile.write(DATA[: len(DATA) // 2])


def with_ranges(data: bytes, etag: str) -> Answer:
    def answer(handler: Handler) -> None:
        span = handler.headers["Range"]
        if span is None or handler.headers["If-Range"] != etag:
            handler.head(Content_Length=len(data), ETag=etag)
            handler.wfile.write(data)
            return
        start = int(span.removeprefix("bytes=").removesuffix("-"))
        content_range = f"bytes {start}-{len(data) - 1}/{len(data)}"
        handler.head(206, Content_Length=len(data) - start, Content_Range=content_range, ETag=etag)
        handler.wfile.write(data[start:])

    return answer


def gives(data: bytes, **headers: object) -> Answer:
    """Answers with these bytes; headers: besides their length and Content-Type."""

    def answer(handler: Handler) -> None:
        handler.head(**{"Content_Length": len(data), "Content_Type": "application/octet-stream", **headers})
        handler.wfile.write(data)

    return answer
