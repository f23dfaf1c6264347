/* SPDX-License-Identifier: BSD-3-Clause */
/* See traces.h. */
#include "io/traces.h"

#include <dirent.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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

void
traces_expect_shared(struct traces *t, const char *dir)
{
    FILE *mounts = setmntent("/proc/mounts", "r");
    const struct mntent *m;
    unsigned n = 0;

    if (strlen(dir) < sizeof(t->shared_dir))
        strcpy(t->shared_dir, dir);
    while (mounts != NULL && n < TRACES_HUGE_DIRS && (m = getmntent(mounts)) != NULL)
        if (strcmp(m->mnt_type, "hugetlbfs") == 0 && strlen(m->mnt_dir) < sizeof(t->huge_dirs[0]))
            strcpy(t->huge_dirs[n++], m->mnt_dir);
    if (mounts != NULL)
        endmntent(mounts);
}

/* Unlink what begins with @prefix among the next names of @fd, a folder, as the kernel tells them:
 * readdir() is not for a signal's handler. @return how many names there were, 0 at the end */
static long
remove_some(int fd, const char *prefix, unsigned *n_removed)
{
    _Alignas(struct dirent64) char names[4096];
    long n = syscall(SYS_getdents64, fd, names, sizeof(names));

    for (long at = 0; at < n;) {
        const struct dirent64 *d = (const struct dirent64 *)(names + at);

        if (strncmp(d->d_name, prefix, strlen(prefix)) == 0 && unlinkat(fd, d->d_name, 0) == 0)
            ++*n_removed;
        at += d->d_reclen;
    }
    return n;
}

/* Names may be passed over while others are taken away before them: until none is left. */
static void
remove_files(const char *dir, const char *prefix)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    unsigned n_removed;

    if (fd < 0)
        return;
    do {
        n_removed = 0;
        (void)lseek(fd, 0, SEEK_SET);
        while (remove_some(fd, prefix, &n_removed) > 0)
            ;
    } while (n_removed > 0);
    close(fd);
}

/* EAL leaves most of them to the next process of the same name, which never comes. */
static void
remove_shared(const struct traces *t)
{
    const char *slash = strrchr(t->shared_dir, '/');
    char prefix[sizeof(t->shared_dir) + 8];

    if (slash == NULL)
        return;
    snprintf(prefix, sizeof(prefix), "%smap_", slash + 1);
    for (unsigned i = 0; i < TRACES_HUGE_DIRS && t->huge_dirs[i][0] != '\0'; i++)
        remove_files(t->huge_dirs[i], prefix);
    remove_files(t->shared_dir, "");
    (void)rmdir(t->shared_dir);
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
    remove_shared(t);
    remove_telemetry(t->telemetry_dir);
    if (t->socket[0] != '\0' && lstat(t->socket, &st) == 0 && S_ISSOCK(st.st_mode))
        (void)unlink(t->socket);
}
