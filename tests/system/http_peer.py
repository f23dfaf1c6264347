# SPDX-License-Identifier: BSD-3-Clause
"""An HTTP server that answers as no server should, by the path of the request. Run as a program in a namespace; at
SIGTERM it prints one JSON object: requests by path, and bytes of bodies read."""

import argparse
import collections
import json
import signal
import socket
import threading

import peers

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

# What is sent for a path, and whether the connection ends after it.
ANSWERS = {
    "/ok": (OK, False),
    "/short": (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this", True),
    "/long": (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more than was promised", False),
    "/chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n10\r\nbroken", True),
    "/garbage": (b"<html>no status line</html>\r\n\r\n", True),
    "/lengths": (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", False),
    "/early": (b"", True),
    "/silent": (b"", False),
    "/idle": (OK, True),
    "/informational": (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK, False),
    "/trailer": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n", False),
    "/until-end": (b"HTTP/1.0 200 OK\r\n\r\nhello", True),
    "/many": (b"HTTP/1.1 200 OK\r\n" + b"".join(b"Set-Cookie: c%d=%s\r\n" % (i, b"v" * 90) for i in range(20))
              + b"Content-Length: 0\r\n\r\n", False),
}


class Server:
    def __init__(self, bind):
        host, port = peers.endpoint(bind)
        self.listener = socket.socket(peers.family(host))
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((host, port))
        self.listener.listen(4096)
        self.lock = threading.Lock()
        self.requests, self.bytes, self.cookies = collections.Counter(), 0, collections.Counter()

    def run(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        data = b""
        try:
            while True:
                while b"\r\n\r\n" not in data:
                    more = connection.recv(65536)
                    if not more:
                        return
                    data += more
                head, _, data = data.partition(b"\r\n\r\n")
                lines = head.decode("latin-1").split("\r\n")
                fields = dict(line.lower().split(": ", 1) for line in lines[1:])
                data = self.read_body(connection, data, int(fields.get("content-length", "0")))
                if not self.answer(connection, lines[0].split()[1], fields):
                    return
        except OSError:
            pass
        finally:
            connection.close()

    def read_body(self, connection, data, left):
        while len(data) < left:
            more = connection.recv(65536)
            if not more:
                raise OSError
            data += more
        with self.lock:
            self.bytes += left
        return data[left:]

    def answer(self, connection, path, fields):
        text, ends = ANSWERS[path.partition("?")[0]]
        with self.lock:
            self.requests[path] += 1
            self.cookies[fields.get("cookie", "").count("=")] += 1
        connection.sendall(text)
        return not ends


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bind", required=True)
    server = Server(parser.parse_args().bind)

    def end(*_):
        with server.lock:
            print(json.dumps({"requests": server.requests, "bytes": server.bytes, "cookies": server.cookies}),
                  flush=True)
        raise SystemExit

    signal.signal(signal.SIGTERM, end)
    print("ready", flush=True)
    server.run()


if __name__ == "__main__":
    main()
