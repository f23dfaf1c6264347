/* SPDX-License-Identifier: BSD-3-Clause */
/* The option table as text: for the terminal and for the docs. */
#pragma once

#include <stdio.h>

/** What `shakedown --help` prints. */
void conf_help(FILE *out);

/** The few lines that follow a command line without a command. */
void conf_usage(FILE *out);

/** docs/OPTIONS.md, whole. */
void conf_options_markdown(FILE *out);
