/* SPDX-License-Identifier: BSD-3-Clause */
/* The key log of one worker: lines that are appended to a file, in one write each, so that those of
 * several workers do not mix. Its file never keeps a worker waiting: it is a regular file, or a
 * device that is no terminal. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"

struct tls_keylog {
    int fd;        /* -1: none */
    uint64_t lost; /* lines that the file did not take */
    int error;     /* the errno of the last of them */
};

/** Open @path; NULL: none is written. A new file is for its owner alone. A symbolic link is not
 * followed. @return 0, or -1 with @f set (EXIT_USAGE). */
int tls_keylog_init(struct tls_keylog *k, const char *path, struct fail *f);
void tls_keylog_fini(struct tls_keylog *k);

/** Append @line and an end of line. */
void tls_keylog_write(struct tls_keylog *k, const char *line);

/** Whether others than its owner may read what is written to @path, a file that is there. */
bool tls_keylog_is_public(const char *path);
