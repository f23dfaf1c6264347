/* SPDX-License-Identifier: BSD-3-Clause */
/* See keylog.h. */
#include "tls/keylog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* @return what is wrong with the file of @fd, NULL: nothing. */
static const char *
find_fault(int fd)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return strerror(errno);
    if (S_ISREG(st.st_mode) || (S_ISCHR(st.st_mode) && !isatty(fd)))
        return NULL;
    return "it is a FIFO, a socket or a terminal, whose reader could stop the run";
}

int
tls_keylog_init(struct tls_keylog *k, const char *path, struct fail *f)
{
    static const int FLAGS =
        O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
    const char *why;

    *k = (struct tls_keylog){.fd = -1};
    if (path == NULL)
        return 0;
    k->fd = open(path, FLAGS, 0600);
    if (k->fd >= 0)
        why = find_fault(k->fd);
    else if (errno == ELOOP)
        why = "it is a symbolic link; give the file itself";
    else if (errno == ENXIO)
        why = "it is a FIFO or a socket, not a file";
    else
        why = strerror(errno);
    if (why == NULL)
        return 0;
    fail_set(f, EXIT_USAGE, "--keylog '%.200s': %s", path, why);
    tls_keylog_fini(k);
    return -1;
}

void
tls_keylog_fini(struct tls_keylog *k)
{
    if (k->fd >= 0)
        close(k->fd);
    k->fd = -1;
}

void
tls_keylog_write(struct tls_keylog *k, const char *line)
{
    char text[512];
    int len = snprintf(text, sizeof(text), "%s\n", line);
    ssize_t written;

    if (len <= 0 || (size_t)len >= sizeof(text))
        return;
    written = write(k->fd, text, (size_t)len);
    if (written == len)
        return;
    k->lost++;
    k->error = written < 0 ? errno : ENOSPC;
}

bool
tls_keylog_is_public(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & (S_IRGRP | S_IROTH)) != 0;
}
