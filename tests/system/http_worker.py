# SPDX-License-Identifier: BSD-3-Clause
"""An HTTP server that is slow, or unwilling, in one way or another. Run as a program in a namespace; one thread, which
never waits for one connection while another could go on, except with --serial."""

import argparse
import asyncio
import random
import socket
import struct

import peers

HEADS = {200: b"HTTP/1.1 200 OK", 503: b"HTTP/1.1 503 Service Unavailable"}


class Worker:
    def __init__(self, options):
        self.options = options
        self.one = asyncio.Lock()
        self.answered = 0

    async def serve(self, reader, writer):
        try:
            if random.random() < self.options.reset:
                self.reset(writer)
                return
            served = 0
            while await reader.readuntil(b"\r\n\r\n"):
                await self.think()
                served += 1
                status = 503 if random.random() < self.options.unavailable else 200
                writer.write(HEADS[status] + b"\r\nContent-Length: 5\r\n\r\nhello")
                if served == self.options.close_after:
                    break
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def think(self):
        if self.options.serial:
            async with self.one:
                await asyncio.sleep(self.options.think)
        else:
            is_slow = random.random() < self.options.tail
            await asyncio.sleep(self.options.think + (self.options.tail_think if is_slow else 0))

    def reset(self, writer):
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


async def serve(options):
    host, port = peers.endpoint(options.bind)
    server = await asyncio.start_server(Worker(options).serve, host, port, backlog=65535,
                                        reuse_port=options.reuse_port)
    print("ready", flush=True)
    await server.serve_forever()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bind", required=True)
    parser.add_argument("--think", type=float, default=0, help="seconds before each answer")
    parser.add_argument("--serial", action="store_true", help="one after the other, over all connections")
    parser.add_argument("--tail", type=float, default=0, help="share of answers that take longer")
    parser.add_argument("--tail-think", type=float, default=0, help="by so many seconds")
    parser.add_argument("--unavailable", type=float, default=0, help="share of answers that are 503")
    parser.add_argument("--reset", type=float, default=0, help="share of connections that are reset")
    parser.add_argument("--reuse-port", action="store_true", help="share the port with others like it")
    parser.add_argument("--close-after", type=int, default=0, help="answers on a connection before it is closed")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
