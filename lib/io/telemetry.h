/* SPDX-License-Identifier: BSD-3-Clause */
/* Commands of DPDK's telemetry, which its dpdk-telemetry.py sends: what they are called, and what
 * they answer, a dictionary or a list of numbers. EAL listens where the user had it (--eal
 * --telemetry), in threads of its own. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct telemetry_answer;

/* What a command's function is called with; @param: what stands behind the command's comma, "" for
 * nothing. @return 0; -1: no answer, @param is wrong */
struct telemetry_command {
    const char *name; /* "/shakedown/stats" */
    const char *help;
    int (*answer)(void *arg, const char *param, struct telemetry_answer *a);
};

#define TELEMETRY_COMMANDS_MAX 4

/** Whether EAL is told to listen. */
bool telemetry_is_wanted(const char *eal);

/**
 * Answer @n commands, at most TELEMETRY_COMMANDS_MAX, which last, with @arg. Once in a process,
 * when EAL has started.
 *
 * @return 0, or -1: EAL takes them not
 */
int telemetry_begin(const struct telemetry_command *commands, unsigned n, void *arg);

/** No function is called any more: the commands answer nothing. */
void telemetry_end(void);

#define TELEMETRY_KEYS_MAX 256

/** The answer is a dictionary. At most TELEMETRY_KEYS_MAX keys of letters, digits, '_' and '/' fit.
 */
void telemetry_begin_keys(struct telemetry_answer *a);
void telemetry_add(struct telemetry_answer *a, const char *key, uint64_t value);
void telemetry_add_text(struct telemetry_answer *a, const char *key, const char *value);

/** The answer is a list of numbers. */
void telemetry_begin_list(struct telemetry_answer *a);
void telemetry_append(struct telemetry_answer *a, uint64_t value);
