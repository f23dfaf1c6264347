/* SPDX-License-Identifier: BSD-3-Clause */
/* Single values and lists of CPUs as the kernel's file systems show them. Reads only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define SYSFS_CPUS_MAX 1024

/** A set of CPUs. */
struct sysfs_cpus {
    bool has[SYSFS_CPUS_MAX];
    unsigned n;
};

/**
 * Copy the first line of @root and the file that @fmt names, without blanks around it.
 *
 * @return false when there is no such file; @line is "" then
 */
bool sysfs_line(char *line, size_t size, const char *root, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/** Whether the path that @fmt names is there. */
bool sysfs_has(const char *root, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** How many entries of the folder @path begin with @prefix and a digit ("" for any but . and ..).
 */
unsigned sysfs_count(const char *root, const char *path, const char *prefix);

/** Read "0-3,8"; what is no number ends it. */
void sysfs_cpus_parse(struct sysfs_cpus *c, const char *list);

void sysfs_cpus_add(struct sysfs_cpus *c, unsigned cpu);

/** Write @c as "0-3,8". @return @text */
const char *sysfs_cpus_format(const struct sysfs_cpus *c, char *text, size_t size);
