/* SPDX-License-Identifier: BSD-3-Clause */
/* What opening a device puts into the file system for a while, so that it can be taken away from
 * another thread too, when the driver hangs and the process has to leave. Set on the control thread
 * before EAL starts, but for the last. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/un.h>

/* Sizes of huge pages, each of which may be mounted. */
#define TRACES_HUGE_DIRS 4

struct traces {
    char socket[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* at which a driver awaits its peer;
                                                                 "" for none, or not ours */
    atomic_bool is_set;                                       /* the path may be read */
    char
        telemetry_dir[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* EAL's, where the user asked
                                                                       for telemetry; "" for none */
    /* What EAL shares with other processes: a folder of files, and files on hugetlbfs that begin
     * with the folder's name. "" for none. */
    char shared_dir[sizeof(((struct sockaddr_un *)0)->sun_path)];
    char huge_dirs[TRACES_HUGE_DIRS][128];
};

/** A driver is going to make a socket at @path; one that is there already is not ours. */
void traces_expect_socket(struct traces *t, const char *path);

/** From here on other threads may look. */
void traces_publish(struct traces *t);

/** EAL has made @dir, and its telemetry a socket in it. */
void traces_expect_telemetry(struct traces *t, const char *dir);

/** The same of @dir and what lies on hugetlbfs, for other processes to attach. */
void traces_expect_shared(struct traces *t, const char *dir);

static inline bool
traces_are_shared(const struct traces *t)
{
    return t->shared_dir[0] != '\0';
}

/** Remove them all, whatever is left of them. From any thread, and from a signal's handler. */
void traces_remove(const struct traces *t);
