/* SPDX-License-Identifier: BSD-3-Clause */
#include "io_rig.h"

#include <fcntl.h>
#include <sys/socket.h>

#include "io/inherited.h"

static bool
is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

Test(inherited, what_would_be_taken_for_a_drivers_socket_is_closed_and_all_else_stays)
{
    int packets[2], stream[2], pipe_ends[2], raw;

    rig_new_network();
    cr_assert(zero(int, socketpair(AF_UNIX, SOCK_SEQPACKET, 0, packets)));
    cr_assert(zero(int, socketpair(AF_UNIX, SOCK_STREAM, 0, stream)));
    cr_assert(zero(int, pipe(pipe_ends)));
    raw = socket(AF_PACKET, SOCK_RAW, 0);
    inherited_close();
    cr_assert(not(is_open(packets[0])));
    cr_assert(not(is_open(packets[1])));
    if (raw >= 0)
        cr_assert(not(is_open(raw)));
    cr_assert(is_open(stream[0]) && is_open(stream[1]) && is_open(pipe_ends[0]) &&
              is_open(pipe_ends[1]));
}
