/* SPDX-License-Identifier: BSD-3-Clause */
/* The local socket by which a user tells a run what to do while it goes on: a Unix stream socket of
 * mode 0600. A client sends one line and gets an answer, whose first line is "ok", or an exit
 * status and a sentence; then the connection is closed.
 *
 * Nothing here waits: a client that never ends its line, or never reads its answer, has its place
 * for some seconds and disturbs nobody. Control thread, but for ctl_socket_abandon(). */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/un.h>

#include "base/fail.h"

#define CTL_CLIENTS_MAX 8
#define CTL_LINE_MAX    128

/* Of one client. */
struct ctl_client {
    int fd; /* -1: none */
    bool has_line;
    char line[CTL_LINE_MAX]; /* with has_line ended by NUL, and by it alone */
    size_t n_line;
    char *answer; /* NULL: none yet; owned */
    size_t answer_bytes, sent_bytes;
    uint64_t moved_ns; /* when something was last read or written */
};

struct ctl_socket {
    int fd; /* -1: there is none */
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
    dev_t dev;
    ino_t ino; /* ours, at path */
    atomic_bool is_made;
    struct ctl_client clients[CTL_CLIENTS_MAX];
};

/** Nothing is open. */
void ctl_socket_init(struct ctl_socket *s);

/** Before anything is sent: whether a socket could be made at @path; one that nobody listens at any
 * more does no harm. "" is none. @return 0, or -1 with @f (EXIT_USAGE) */
int ctl_socket_check(const char *path, struct fail *f);

/** Make it. @return 0, or -1 with @f (EXIT_USAGE) */
int ctl_socket_open(struct ctl_socket *s, const char *path, struct fail *f);

/** Close all that is open, and remove it. */
void ctl_socket_close(struct ctl_socket *s);

/** Remove it from the file system, from any thread. */
void ctl_socket_abandon(const struct ctl_socket *s);

/** Read and write what can be, and let go of who has been idle for too long. */
void ctl_socket_look(struct ctl_socket *s, uint64_t now_ns);

/** @return a client that has sent its line and has no answer yet; NULL: none */
struct ctl_client *ctl_socket_waiting(struct ctl_socket *s, unsigned *cursor);

/** Answer @c: "ok" and @body (@bytes, owned from now on, to be freed; NULL: nothing) */
void ctl_client_answer(struct ctl_client *c, char *body, size_t bytes);

/** Answer @c with what was wrong. */
void ctl_client_refuse(struct ctl_client *c, const struct fail *why);
