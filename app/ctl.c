/* SPDX-License-Identifier: BSD-3-Clause */
/* See ctl.h. */
#include "app/ctl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/streams.h"

/* A run that is about to begin, or writes to somebody who does not read, answers later. */
static const time_t PATIENCE_S = 15;

static int
fail_to_reach(const char *path, int why, struct fail *f)
{
    switch (why) {
    case ENOENT:
        return fail_set(f, EXIT_HOST,
                        "ctl: there is no %s; the run makes it with --control, and removes it at "
                        "its end",
                        path);
    case ECONNREFUSED:
        return fail_set(f, EXIT_HOST, "ctl: no run listens at %s any more", path);
    case EACCES:
        return fail_set(f, EXIT_HOST, "ctl: %s is for the user alone whose run it is", path);
    default:
        return fail_set(f, EXIT_HOST, "ctl: %s: %s", path, strerror(why));
    }
}

/* @return a descriptor, or -1 with @f */
static int
reach(const char *path, struct fail *f)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    struct timeval patience = {.tv_sec = PATIENCE_S};
    int fd;

    if (strlen(path) >= sizeof(a.sun_path))
        return fail_set(f, EXIT_USAGE, "ctl: the path of a socket has %zu bytes at most: %.60s...",
                        sizeof(a.sun_path) - 1, path);
    memcpy(a.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fail_set(f, EXIT_HOST, "ctl: %s", strerror(errno));
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    if (connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0) {
        fail_to_reach(path, errno, f);
        close(fd);
        return -1;
    }
    return fd;
}

static int
fail_to_answer(const char *path, struct fail *f)
{
    return fail_set(f, EXIT_HOST, "ctl: the run at %s has not answered", path);
}

/* "ok" and the length of what follows, or an exit status and why. */
static int
read_head(FILE *in, const char *path, size_t *bytes, struct fail *f)
{
    char head[sizeof(f->text) + 16];
    char *text;
    long status;

    if (fgets(head, sizeof(head), in) == NULL)
        return fail_to_answer(path, f);
    head[strcspn(head, "\n")] = '\0';
    if (sscanf(head, "ok %zu", bytes) == 1)
        return 0;
    status = strtol(head, &text, 10);
    if (status != EXIT_USAGE && status != EXIT_HOST)
        return fail_set(f, EXIT_HOST, "ctl: %s: what listens there is no run of shakedown", path);
    return fail_set(f, (enum exit_status)status, "ctl: %s", text + (*text == ' '));
}

static int
copy_body(FILE *in, const char *path, size_t bytes, struct fail *f)
{
    char buf[4096];
    size_t n;

    while ((n = fread(buf, 1, sizeof(buf), in)) > 0) {
        if (fwrite(buf, 1, n, stdout) != n)
            break;
        bytes -= n < bytes ? n : bytes;
    }
    if (ferror(in) || (bytes > 0 && feof(in)))
        return fail_set(f, EXIT_HOST, "ctl: the run at %s ended in the middle of its answer", path);
    return streams_flush(f);
}

int
ctl_tell(const struct conf_ctl *ctl, struct fail *f)
{
    int fd = reach(ctl->socket, f), err = -1;
    FILE *in = fd < 0 ? NULL : fdopen(fd, "r");
    size_t bytes;

    if (fd < 0)
        return -1;
    if (in == NULL) {
        close(fd);
        return fail_set(f, EXIT_HOST, "ctl: %s", strerror(errno));
    }
    if (dprintf(fd, "%s%s%s\n", ctl->verb, ctl->value != NULL ? " " : "",
                ctl->value != NULL ? ctl->value : "") < 0)
        fail_to_answer(ctl->socket, f);
    else if (read_head(in, ctl->socket, &bytes, f) == 0)
        err = copy_body(in, ctl->socket, bytes, f);
    fclose(in);
    return err;
}
