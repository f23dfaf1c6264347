/* SPDX-License-Identifier: BSD-3-Clause */
/* A file of server names (RFC 6066 3), one a line, read once and only looked at from then on, by
 * any thread. Empty lines, and those that begin with '#', are passed over. */
#pragma once

#include "base/fail.h"

#define SNI_FILE_NAMES_MAX 1000000
#define SNI_FILE_BYTES_MAX (256UL << 20) /* each name as long as it may be */

struct sni_file {
    const char **names; /* in the file's order */
    unsigned n;
    char *text; /* that they lie in */
};

/** Read @path. @return 0, with at least one name; or -1 with @f set, and nothing left: a file that
 * is none or cannot be read, or the line of what is no host name. */
int sni_file_read(struct sni_file *s, const char *path, struct fail *f);
void sni_file_fini(struct sni_file *s);
