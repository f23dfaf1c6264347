/* SPDX-License-Identifier: BSD-3-Clause */
/* See traces.h. */
#include "io/traces.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_eal.h>

void
traces_expect_socket(struct traces *t, const char *path)
{
    struct stat st;

    if (strlen(path) < sizeof(t->socket) && lstat(path, &st) != 0)
        strcpy(t->socket, path);
}

/* EAL's own in it is <runtime_dir>/dpdk/<prefix>. */
void
traces_remove_runtime_dir(const struct traces *t)
{
    const char *path = t->runtime_dir;
    const char *made = rte_eal_get_runtime_dir(); /* "" before EAL has got so far */
    size_t len = strlen(path);
    char parent[80];

    if (len == 0)
        return;
    if (strncmp(made, path, len) == 0)
        (void)rmdir(made);
    snprintf(parent, sizeof(parent), "%s/dpdk", path);
    (void)rmdir(parent);
    (void)rmdir(path);
}

void
traces_remove(const struct traces *t)
{
    struct stat st;

    if (!atomic_load_explicit(&t->is_set, memory_order_acquire))
        return;
    traces_remove_runtime_dir(t);
    if (t->socket[0] != '\0' && lstat(t->socket, &st) == 0 && S_ISSOCK(st.st_mode))
        (void)unlink(t->socket);
}
