/* SPDX-License-Identifier: BSD-3-Clause */
/* A small tree of files that stands for /proc and /sys, and a network namespace of one's own. */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static char rig_root[64];

static inline void
rig_make_dirs(char *path)
{
    for (char *p = strchr(path + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
        *p = '\0';
        mkdir(path, 0700);
        *p = '/';
    }
}

static inline void
rig_make_root(void)
{
    strcpy(rig_root, "/tmp/shakedown-rig-XXXXXX");
    cr_assert(ne(ptr, mkdtemp(rig_root), NULL));
}

static inline void
rig_file(const char *path, const char *content)
{
    char full[PATH_MAX];
    FILE *f;

    snprintf(full, sizeof(full), "%s%s", rig_root, path);
    rig_make_dirs(full);
    f = fopen(full, "w");
    cr_assert(ne(ptr, f, NULL), "%s: %s", full, strerror(errno));
    fputs(content, f);
    fclose(f);
}

static inline void
rig_link(const char *path, const char *target)
{
    char full[PATH_MAX];

    snprintf(full, sizeof(full), "%s%s", rig_root, path);
    rig_make_dirs(full);
    cr_assert(eq(int, symlink(target, full), 0));
}

static inline int
rig_remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

static inline void
rig_remove_root(void)
{
    nftw(rig_root, rig_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Only "lo" is there, and it is down. Skips the test where namespaces are not to be had. */
static inline void
rig_new_network(void)
{
    if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        cr_skip("no network namespace can be made: %s", strerror(errno));
}

static inline void
rig_lo_up(void)
{
    struct ifreq req = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    cr_assert(eq(int, ioctl(fd, SIOCSIFFLAGS, &req), 0));
    close(fd);
}

#define rig_says(f, part)                                                                          \
    cr_assert(ne(ptr, strstr((f).text, part), NULL), "\"%s\" does not say \"%s\"", (f).text, part)
