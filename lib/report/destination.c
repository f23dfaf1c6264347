/* SPDX-License-Identifier: BSD-3-Clause */
/* See destination.h. */
#include "report/destination.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/console.h"
#include "base/units.h"

static const unsigned LINKS_MAX = 40; /* as the kernel follows */
static const unsigned MEM_MAJOR = 1;  /* of /dev/null and its like */

/* @name is a symbolic link whose target need not be there: have the target's name in @next.
 * @return 0, or an errno. */
static int
follow_link(const char *name, char next[PATH_MAX])
{
    const char *slash = strrchr(name, '/');
    char target[PATH_MAX];
    ssize_t len = readlink(name, target, sizeof(target));
    int n;

    if (len < 0)
        return errno;
    if (len == sizeof(target))
        return ENAMETOOLONG;
    if (target[0] == '/' || slash == NULL)
        n = snprintf(next, PATH_MAX, "%.*s", (int)len, target);
    else
        n = snprintf(next, PATH_MAX, "%.*s%.*s", (int)(slash + 1 - name), name, (int)len, target);
    return n >= PATH_MAX ? ENAMETOOLONG : 0;
}

/* The kernel shows descriptors as links, which lead to what need have no name, as a pipe.
 * @return -1: @name is none of them */
static int
descriptor_of(const char *name)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/", "/proc/thread-self/fd/"};

    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        size_t length = strlen(folders[i]);
        const char *digits = name + length;
        char *end;
        long fd;

        if (strncmp(name, folders[i], length) != 0 || *digits < '0' || *digits > '9')
            continue;
        fd = strtol(digits, &end, 10);
        if (*end == '\0' && fd <= INT_MAX)
            return (int)fd;
    }
    return -1;
}

/* @return 0 with the name, or the descriptor; else an errno. */
static int
follow(struct destination *d, const char *path)
{
    char next[PATH_MAX];
    int err;

    if (snprintf(d->name, sizeof(d->name), "%s", path) >= PATH_MAX)
        return ENAMETOOLONG;
    for (unsigned i = 0; i < LINKS_MAX; i++) {
        d->fd = descriptor_of(d->name);
        if (d->fd >= 0)
            return 0;
        err = follow_link(d->name, next);
        if (err == EINVAL || err == ENOENT) /* no link */
            return 0;
        if (err != 0)
            return err;
        strcpy(d->name, next);
    }
    return ELOOP;
}

static bool
keeps_nothing(const struct stat *st)
{
    return S_ISCHR(st->st_mode) && major(st->st_rdev) == MEM_MAJOR;
}

static bool
is_file_of(const struct stat *st, int fd)
{
    struct stat other;

    return fstat(fd, &other) == 0 && other.st_dev == st->st_dev && other.st_ino == st->st_ino;
}

/* @return 0, or an errno. */
static int
look_at_folder(struct destination *d)
{
    const char *slash = strrchr(d->name, '/');
    char folder[PATH_MAX];

    snprintf(folder, sizeof(folder), "%.*s", slash == NULL ? 1 : (int)(slash + 1 - d->name),
             slash == NULL ? "." : d->name);
    return stat(folder, &d->st) == 0 ? 0 : errno;
}

/* The same for a name, which may be one of what a stream of ours goes to. */
static int
look_at_name(struct destination *d)
{
    d->is_there = stat(d->name, &d->st) == 0;
    if (!d->is_there)
        return errno == ENOENT ? look_at_folder(d) : errno;
    if (keeps_nothing(&d->st))
        return 0;
    if (is_file_of(&d->st, STDOUT_FILENO))
        d->fd = STDOUT_FILENO;
    else if (is_file_of(&d->st, console_fd()))
        d->fd = DESTINATION_CONSOLE;
    return 0;
}

static int
look_at_descriptor(struct destination *d)
{
    int fd = d->fd == DESTINATION_CONSOLE ? console_fd() : d->fd, flags = fcntl(fd, F_GETFL);

    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY || fstat(fd, &d->st) != 0)
        return EBADF;
    d->is_there = true;
    return 0;
}

int
destination_find(struct destination *d, const char *path)
{
    bool is_dash = strcmp(path, "-") == 0;
    int err;

    *d = (struct destination){.fd = is_dash ? STDOUT_FILENO : -1};
    err = is_dash ? 0 : follow(d, path);
    if (err != 0)
        return err;
    return d->fd >= 0 ? look_at_descriptor(d) : look_at_name(d);
}

/* The last part of the name. */
static const char *
last_part(const struct destination *d)
{
    const char *slash = strrchr(d->name, '/');

    return slash == NULL ? d->name : slash + 1;
}

bool
destination_is_same(const struct destination *a, const struct destination *b)
{
    if (a->fd >= 0 && a->fd == b->fd)
        return true;
    if (a->is_there != b->is_there || a->st.st_dev != b->st.st_dev || a->st.st_ino != b->st.st_ino)
        return false;
    return a->is_there ? !keeps_nothing(&a->st) : strcmp(last_part(a), last_part(b)) == 0;
}
