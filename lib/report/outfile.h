/* SPDX-License-Identifier: BSD-3-Clause */
/* A report's file: there is either the whole of it or nothing. It is written beside its place under
 * another name and renamed when complete; what was there before stays until then. A path that is
 * no regular file (/dev/null, a FIFO, a terminal) is written to as it is, and so is what a
 * descriptor of this process leads to: "-" is standard output, and so is every other name of its
 * file (destination.h). Control thread. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/fail.h"
#include "report/destination.h"

struct result; /* only passed on */

typedef int report_writer(FILE *out, const struct result *r, struct fail *f);

/* One that is being written, from outfile_begin() on. */
struct outfile {
    FILE *out;
    /* -- its own -- */
    const char *option, *path; /* for messages */
    struct destination to;
    char temp[PATH_MAX];
    bool is_renamed;
    int err; /* the first errno of outfile_flush(); 0: none */
};

/**
 * Find out now whether outfile_write() would be able to create @path; leaves no file behind.
 *
 * @param option  whose value @path is, for the message: "--json"
 * @return 0, or -1 with @f set (EXIT_USAGE)
 */
int outfile_check(const char *option, const char *path, struct fail *f);

/** Whether @path, "" for none, is standard output: text for people then goes elsewhere. */
bool outfile_is_stdout(const char *path);

/** Whether @path leads to what is there and stays: a FIFO, a device, a descriptor. */
bool outfile_stays(const char *path);

/**
 * Begin to write @path: @o->out is open. @option and @path have to last as long as @o.
 *
 * @param waits  for a FIFO's reader, as long as it takes; else a second, and none is a failure
 * @return 0: outfile_end() or outfile_abandon() has to follow; -1 with @f set (EXIT_HOST)
 */
int outfile_begin(struct outfile *o, const char *option, const char *path, bool waits,
                  struct fail *f);

/** Nobody but its owner may read it, whatever was there before; for what has secrets in it. What is
 * no file of ours stays as it is. */
void outfile_make_private(struct outfile *o);

/** Hand over what has been written so far: a reader of a FIFO or of standard output has it. What
 * goes wrong is told at the end. @return whether all has gone well so far */
bool outfile_flush(struct outfile *o);

/** It is complete, and takes its name. @return 0, or -1 with @f set (EXIT_HOST) and no half-written
 * file left */
int outfile_end(struct outfile *o, struct fail *f);

/** It will not be complete: nothing is left of it. */
void outfile_abandon(struct outfile *o);

/**
 * All of it at once: write what @write has to say about @r to @path.
 *
 * @return 0, or -1 with @f set (EXIT_HOST) and no half-written file left
 */
int outfile_write(const char *option, const char *path, report_writer *write,
                  const struct result *r, struct fail *f);
