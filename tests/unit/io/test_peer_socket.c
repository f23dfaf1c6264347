/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/peer_socket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static char folder[] = "/tmp/test-peer-socket-XXXXXX";
static struct sockaddr_un addr = {.sun_family = AF_UNIX};

static void
set_up(void)
{
    cr_assert(ne(ptr, mkdtemp(folder), NULL));
    snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/sock", folder);
}

static void
tear_down(void)
{
    unlink(addr.sun_path);
    rmdir(folder);
}

static int
bound(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    cr_assert(zero(int, bind(fd, (struct sockaddr *)&addr, sizeof(addr))));
    return fd;
}

TestSuite(peer_socket, .init = set_up, .fini = tear_down);

Test(peer_socket, nobody_is_where_there_is_no_socket)
{
    cr_assert(not(peer_socket_is_served(addr.sun_path)));
}

Test(peer_socket, whoever_listens_is_seen_and_gets_no_connection)
{
    int fd = bound();

    cr_assert(zero(int, listen(fd, 1)));
    for (int i = 0; i < 3; i++) /* more than its queue would take */
        cr_assert(peer_socket_is_served(addr.sun_path));
    close(fd);
}

Test(peer_socket, one_that_was_left_behind_is_not_served)
{
    close(bound());
    cr_assert(not(peer_socket_is_served(addr.sun_path)));
}

Test(peer_socket, one_that_does_not_listen_yet_is_not_served)
{
    int fd = bound();

    cr_assert(not(peer_socket_is_served(addr.sun_path)));
    close(fd);
}

Test(peer_socket, a_device_file_needs_nobody)
{
    cr_assert(peer_socket_is_served("/dev/null"));
}
