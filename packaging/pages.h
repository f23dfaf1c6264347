/* SPDX-License-Identifier: BSD-3-Clause */
/* What is installed beside the program and made from its option table. */
#pragma once

#include <stdio.h>

/** shakedown(1), in scdoc's form. */
void man_write(FILE *out);

/** What a shell completes: commands, options by command, the words and files that follow them. */
void completion_write_bash(FILE *out);
void completion_write_zsh(FILE *out);
void completion_write_fish(FILE *out);
