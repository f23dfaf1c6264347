/* SPDX-License-Identifier: BSD-3-Clause */
/* The command by which mpirun starts the processes of a run. */
#pragma once

#include <limits.h>
#include <stdio.h>

#include "base/fail.h"
#include "conf/hosts.h"

#define MPIRUN_WORDS_MAX 1024

/* What words refer to. */
struct mpirun_words {
    char count[16], list[HOSTS_RANKS_MAX * (HOSTS_NAME_MAX + 8)], program[PATH_MAX];
};

/**
 * Make the command of the run that @argv asks for; ranks have their results in @join.
 *
 * @return 0 with @words, which last as long as @w, @argv and @join; -1 with @f set
 */
int mpirun_words_make(struct mpirun_words *w, const struct hosts *h, char *const argv[],
                      const char *join, const char *words[static MPIRUN_WORDS_MAX], struct fail *f);

/** Print it as a shell takes it, so that somebody who starts processes otherwise, as by Slurm's
 * srun, sees what each of them is. */
void mpirun_words_print(FILE *out, const char *const words[]);
