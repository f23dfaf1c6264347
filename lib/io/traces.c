/* SPDX-License-Identifier: BSD-3-Clause */
/* See traces.h. */
#include "io/traces.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
traces_expect_socket(struct traces *t, const char *path)
{
    struct stat st;

    if (strlen(path) < sizeof(t->socket) && lstat(path, &st) != 0)
        strcpy(t->socket, path);
}

void
traces_publish(struct traces *t)
{
    atomic_store_explicit(&t->is_set, true, memory_order_release);
}

void
traces_expect_telemetry(struct traces *t, const char *dir)
{
    if (strlen(dir) < sizeof(t->telemetry_dir))
        strcpy(t->telemetry_dir, dir);
}

/* EAL leaves the directory, and the socket until the process ends. */
static void
remove_telemetry(const char *dir)
{
    char path[sizeof(((struct traces *)0)->telemetry_dir) + 32];

    if (dir[0] == '\0')
        return;
    snprintf(path, sizeof(path), "%s/dpdk_telemetry.v2", dir);
    (void)unlink(path);
    (void)rmdir(dir);
}

void
traces_remove(const struct traces *t)
{
    struct stat st;

    if (!atomic_load_explicit(&t->is_set, memory_order_acquire))
        return;
    remove_telemetry(t->telemetry_dir);
    if (t->socket[0] != '\0' && lstat(t->socket, &st) == 0 && S_ISSOCK(st.st_mode))
        (void)unlink(t->socket);
}
