/* SPDX-License-Identifier: BSD-3-Clause */
/* Where several runs, or several processes of one, have their results: beside the one that the user
 * asked for, or, where nobody wants to keep them, in a folder of their own. Control thread. */
#pragma once

#include <limits.h>
#include <stddef.h>

#include "base/fail.h"

/** @return the length of @path without its ending: "a.b/r" of "a.b/r.json" */
size_t run_files_stem(const char *path);

/** "r.against.2.json" of "r.json", ".against" and 2. */
void run_files_name(char to[static PATH_MAX], const char *path, const char *infix, unsigned n);

/** Make a folder that belongs to whoever a run becomes: @user, as --user has it. @option is named
 * in errors. @return 0 with @dir; -1 with @f set, and @dir "" */
int run_files_make_dir(char dir[static PATH_MAX], const char *option, const char *user,
                       struct fail *f);

/** Remove it, which is empty; "": there is none. */
void run_files_remove_dir(const char *dir);
