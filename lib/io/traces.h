/* SPDX-License-Identifier: BSD-3-Clause */
/* What opening a device puts into the file system for a while, so that it can be taken away from
 * another thread too, when the driver hangs and the process has to leave. Set on the control thread
 * before EAL starts. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/un.h>

struct traces {
    char runtime_dir[64]; /* EAL's, made for this process; "" for none */
    char socket[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* at which a driver awaits its peer;
                                                                 "" for none, or not ours */
    atomic_bool is_set;                                       /* the paths may be read */
};

/** A driver is going to make a socket at @path; one that is there already is not ours. */
void traces_expect_socket(struct traces *t, const char *path);

/** EAL has started, and needs its directory no more. */
void traces_remove_runtime_dir(const struct traces *t);

/** Remove them all, whatever is left of them. From any thread. */
void traces_remove(const struct traces *t);
