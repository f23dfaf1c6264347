/* SPDX-License-Identifier: BSD-3-Clause */
/* See peer_socket.h. */
#include "io/peer_socket.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* __SO_ACCEPTCON, as /proc/net/unix has it (linux/net.h). */
static const unsigned LISTENS = 1u << 16;

/* The table of the kernel: Num RefCount Protocol Flags Type St Inode Path. */
static bool
is_listed(const char *path)
{
    FILE *table = fopen("/proc/net/unix", "re");
    char line[256], name[128];
    bool found = false;
    unsigned flags;

    if (table == NULL)
        return false;
    while (!found && fgets(line, sizeof(line), table) != NULL)
        found = sscanf(line, "%*s %*s %*s %x %*s %*s %*s %127s", &flags, name) == 2 &&
                (flags & LISTENS) != 0 && strcmp(name, path) == 0;
    fclose(table);
    return found;
}

/* Of another network namespace nothing is listed. */
static bool
takes_a_connection(const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool is_taken;

    if (fd < 0)
        return true; /* the driver may say why */
    snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
    is_taken = connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0;
    close(fd);
    return is_taken;
}

bool
peer_socket_is_served(const char *path)
{
    struct stat file;

    if (stat(path, &file) < 0)
        return false;
    return !S_ISSOCK(file.st_mode) || is_listed(path) || takes_a_connection(path);
}
