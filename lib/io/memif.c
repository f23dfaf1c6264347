/* SPDX-License-Identifier: BSD-3-Clause */
/* See memif.h. The arguments are described in DPDK's "Memif Poll Mode Driver". */
#include "io/memif.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/vdev.h"

static const char SHORT_FORM[] = "memif:";

/* The driver's own. */
static const uint32_t BUFFER_BYTES = 2048;

bool
memif_expand(char *args, size_t size, const char *text, bool serves)
{
    const char *path = text + sizeof(SHORT_FORM) - 1;
    char value[8];

    if (strncmp(text, SHORT_FORM, sizeof(SHORT_FORM) - 1) != 0)
        return false;
    snprintf(args, size, "net_memif0,role=%s,socket-abstract=no,socket=%s",
             serves ? "server" : "client", path);
    if (!vdev_argument(args, "rsize", value, sizeof(value)))
        snprintf(args + strlen(args), size - strlen(args), ",rsize=%d", MEMIF_RING_LOG2);
    return true;
}

uint32_t
memif_size(char *args, size_t size, uint32_t frame_bytes)
{
    uint32_t bytes = (frame_bytes + 1023) / 1024 * 1024;
    size_t used = strlen(args);
    char value[16];

    if (frame_bytes <= BUFFER_BYTES)
        return 0;
    if (vdev_argument(args, "bsize", value, sizeof(value)))
        return (uint32_t)strtoul(value, NULL, 10);
    snprintf(args + used, size - used, ",bsize=%u", bytes);
    return bytes;
}

int
memif_parse(struct memif *m, const char *args, struct fail *f)
{
    char value[512];

    *m = (struct memif){.is_memif = true};
    m->is_server = vdev_argument(args, "role", value, sizeof(value)) &&
                   (strcmp(value, "server") == 0 || strcmp(value, "master") == 0);
    if (!vdev_argument(args, "socket-abstract", value, sizeof(value)) || strcmp(value, "no") != 0)
        return 0;
    if (!vdev_argument(args, "socket", value, sizeof(value)) || value[0] == '\0')
        return fail_set(f, EXIT_USAGE,
                        "device memif: the socket is missing at which the two processes meet: "
                        "write memif:PATH, for instance memif:/run/shakedown.sock");
    if (strlen(value) >= sizeof(m->socket))
        return fail_set(f, EXIT_USAGE,
                        "device memif: the path of the socket is longer than %zu bytes: \"%s\"",
                        sizeof(m->socket) - 1, value);
    strcpy(m->socket, value);
    return 0;
}

/* Whether a process listens at @path. A memif's socket keeps packets apart and this one does not,
 * so that the kernel refuses, without telling the process that is asked. */
static bool
is_served(const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_refused;

    if (fd < 0)
        return true; /* who knows */
    memcpy(addr.sun_path, path, strlen(path) + 1);
    is_refused =
        connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) != 0 && errno == ECONNREFUSED;
    close(fd);
    return !is_refused;
}

/* The folder of @path, with the slash at its end. */
static void
folder_of(const char *path, char folder[MEMIF_SOCKET_MAX])
{
    const char *slash = strrchr(path, '/');

    snprintf(folder, MEMIF_SOCKET_MAX, "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1,
             slash == NULL ? "." : path);
}

/* A client waits for its server, but a folder does not come with one. */
static int
check_servers_folder(const char *path, struct fail *f)
{
    char folder[MEMIF_SOCKET_MAX];

    folder_of(path, folder);
    if (access(folder, F_OK) != 0)
        return fail_set(f, EXIT_HOST,
                        "device memif: there can be no socket %s: %s: %s; give the path that the "
                        "other process serves",
                        path, folder, strerror(errno));
    return 0;
}

static int
check_folder(const char *path, struct fail *f)
{
    char folder[MEMIF_SOCKET_MAX];

    folder_of(path, folder);
    if (access(folder, W_OK | X_OK) != 0)
        return fail_set(f, EXIT_HOST,
                        "device memif: the socket %s cannot be made: %s: %s; choose another path",
                        path, folder, strerror(errno));
    return 0;
}

int
memif_check(const struct memif *m, struct fail *f)
{
    struct stat st;

    if (m->socket[0] == '\0')
        return 0;
    if (!m->is_server)
        return check_servers_folder(m->socket, f);
    if (lstat(m->socket, &st) != 0)
        return check_folder(m->socket, f);
    if (!S_ISSOCK(st.st_mode))
        return fail_set(f, EXIT_HOST,
                        "device memif: %s is there already, and is no socket; choose another path",
                        m->socket);
    if (is_served(m->socket))
        return fail_set(f, EXIT_HOST,
                        "device memif: the socket %s is busy: another process serves it; choose "
                        "another path, or end that process",
                        m->socket);
    if (unlink(m->socket) != 0)
        return fail_set(f, EXIT_HOST,
                        "device memif: the socket %s, left behind by an earlier process, cannot be "
                        "removed: %s",
                        m->socket, strerror(errno));
    return 0;
}
