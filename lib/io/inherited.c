/* SPDX-License-Identifier: BSD-3-Clause */
/* See inherited.h. */
#include "io/inherited.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static bool
could_be_a_drivers(int fd)
{
    int domain = 0, type = 0;
    socklen_t len = sizeof(domain);

    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) != 0 ||
        getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0)
        return false;
    return domain == AF_PACKET || (domain == AF_UNIX && type == SOCK_SEQPACKET);
}

void
inherited_close(void)
{
    DIR *dir = opendir("/proc/self/fd");
    struct dirent *entry;

    if (dir == NULL)
        return;
    while ((entry = readdir(dir)) != NULL) {
        int fd = atoi(entry->d_name);

        if (entry->d_name[0] != '.' && fd > 2 && could_be_a_drivers(fd))
            close(fd);
    }
    closedir(dir);
}
