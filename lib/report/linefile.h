/* SPDX-License-Identifier: BSD-3-Clause */
/* A report that grows line by line while the run goes on: an outfile whose lines are handed over
 * one by one. A new file begins with its first line, when root has been left; what goes wrong is
 * told at the end of the run, which goes on meanwhile. What is there already, as a FIFO, is opened
 * before the run, which has no time to wait for a reader. Control thread. */
#pragma once

#include "report/outfile.h"
#include "report/sink.h"

struct linefile {
    const char *option, *path;
    struct outfile file;
    bool is_private; /* a new file is for its owner alone; set before the first line */
    bool has_begun, has_line;
    bool has_failed; /* nothing more is written */
    struct fail why; /* with has_failed, before it has begun */
};

/** The open() of a sink whose @option names the file. @return 0 with *@state, a struct linefile; -1
 * with @f set (EXIT_HOST): it is a FIFO that nobody reads, or what is there cannot be opened */
int linefile_open(void **state, const char *option, const struct sink_opts *o, struct fail *f);

/** Where to write the next line; NULL when no more are taken. @is_first: it is the first one. */
FILE *linefile_line(struct linefile *l, bool *is_first);

/** The line is complete. */
void linefile_flush(struct linefile *l);

/** The last line is written. @return 0, or -1 with @f set (EXIT_HOST) and no file */
int linefile_end(struct linefile *l, struct fail *f);

/** The close() of such a sink. */
void linefile_close(void *state);
