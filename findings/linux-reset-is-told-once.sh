#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Linux: a reset is told once, to the first call that asks. The next read then ends like after an orderly close.
#
# 2000 bytes come, then RST. If the program writes before it reads, the write takes the error (ECONNRESET). The reads
# behind it get all 2000 bytes, which the reset did not discard, and then 0: end of file, as after a FIN. Without the
# write the reads get 2000 bytes, ECONNRESET, and 0 if they ask again.
#
# Two surprises for who counts endings on sockets: data from before a reset is not lost to the reader, and "read gave
# 0" does not prove a FIN. An answer without a length is taken for complete though its sender aborted. A tool that
# sends ahead (pipelining) and drops the error of a write reports closes where the wire has resets.
# Seen with Linux 6.18.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

get() { # PACKAGE=VERSION...: unpacked in $dir, not installed
    (cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download "$@" && for d in *.deb; do dpkg -x "$d" .; done)
}
get python3.11-minimal=3.11.2-6+deb12u9 libpython3.11-minimal=3.11.2-6+deb12u9 libpython3.11-stdlib=3.11.2-6+deb12u9
export PYTHONHOME=$dir/usr PYTHONDONTWRITEBYTECODE=1

cat >"$dir/reset.py" <<'C'
"""What each call says after 2000 bytes and a reset; with an argument, a write comes first."""
import errno
import select
import socket
import sys


def told(call):
    try:
        return str(call())
    except OSError as e:
        return errno.errorcode[e.errno]


with socket.create_server(("127.0.0.1", 0)) as listener:
    conn = socket.create_connection(listener.getsockname())
    peer, _ = listener.accept()
    peer.sendall(bytes(2000))
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    peer.close()
    poll = select.poll()
    poll.register(conn, 0)
    assert poll.poll(5000)[0][1] & select.POLLERR  # the reset is here
    seen = ["write " + told(lambda: conn.send(b"x"))] if len(sys.argv) > 1 else []
    seen += ["read " + told(lambda: len(conn.recv(2000))) for _ in range(3)]
    print(*seen, sep=", ")
C
reads=$(timeout 20 "$dir/usr/bin/python3.11" "$dir/reset.py")
write_first=$(timeout 20 "$dir/usr/bin/python3.11" "$dir/reset.py" write)
echo "version:  Linux $(uname -r), $("$dir/usr/bin/python3.11" --version)"
echo "expected: ECONNRESET from the reads in both cases"
echo "seen:     reads only:    $reads"
echo "          write before: $write_first"

if [ "$reads|$write_first" = "read 2000, read ECONNRESET, read 0|write ECONNRESET, read 2000, read 0, read 0" ]; then
    echo "so it is"
else
    echo "no longer so"
    exit 1
fi
