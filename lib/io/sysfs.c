/* SPDX-License-Identifier: BSD-3-Clause */
/* See sysfs.h. */
#include "io/sysfs.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
make_path(char path[PATH_MAX], const char *root, const char *fmt, va_list args)
{
    size_t used = (size_t)snprintf(path, PATH_MAX, "%s", root);

    if (used < PATH_MAX)
        vsnprintf(path + used, PATH_MAX - used, fmt, args);
}

bool
sysfs_line(char *line, size_t size, const char *root, const char *fmt, ...)
{
    char path[PATH_MAX];
    size_t blanks;
    va_list args;
    FILE *f;

    va_start(args, fmt);
    make_path(path, root, fmt, args);
    va_end(args);
    line[0] = '\0';
    f = fopen(path, "re");
    if (f == NULL)
        return false;
    if (fgets(line, (int)size, f) == NULL)
        line[0] = '\0';
    fclose(f);
    blanks = strspn(line, " \t");
    memmove(line, line + blanks, strlen(line + blanks) + 1);
    for (size_t n = strlen(line); n > 0 && isspace((unsigned char)line[n - 1]); n--)
        line[n - 1] = '\0';
    return true;
}

bool
sysfs_has(const char *root, const char *fmt, ...)
{
    char path[PATH_MAX];
    va_list args;

    va_start(args, fmt);
    make_path(path, root, fmt, args);
    va_end(args);
    return access(path, F_OK) == 0;
}

unsigned
sysfs_count(const char *root, const char *path, const char *prefix)
{
    char full[PATH_MAX];
    size_t len = strlen(prefix);
    struct dirent *entry;
    unsigned n = 0;
    DIR *dir;

    snprintf(full, sizeof(full), "%s%s", root, path);
    dir = opendir(full);
    if (dir == NULL)
        return 0;
    while ((entry = readdir(dir)) != NULL) {
        if (len == 0 ? entry->d_name[0] != '.'
                     : strncmp(entry->d_name, prefix, len) == 0 &&
                           isdigit((unsigned char)entry->d_name[len]))
            n++;
    }
    closedir(dir);
    return n;
}

void
sysfs_cpus_add(struct sysfs_cpus *c, unsigned cpu)
{
    if (cpu >= SYSFS_CPUS_MAX || c->has[cpu])
        return;
    c->has[cpu] = true;
    c->n++;
}

void
sysfs_cpus_parse(struct sysfs_cpus *c, const char *list)
{
    const char *p = list;

    *c = (struct sysfs_cpus){0};
    while (isdigit((unsigned char)*p)) {
        char *end;
        unsigned long first = strtoul(p, &end, 10), last = first;

        if (*end == '-')
            last = strtoul(end + 1, &end, 10);
        for (unsigned long cpu = first; cpu <= last && cpu < SYSFS_CPUS_MAX; cpu++)
            sysfs_cpus_add(c, (unsigned)cpu);
        p = end + (*end == ',');
    }
}

const char *
sysfs_cpus_format(const struct sysfs_cpus *c, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (unsigned i = 0, last; i < SYSFS_CPUS_MAX && used < size; i = last + 1) {
        last = i;
        if (!c->has[i])
            continue;
        while (last + 1 < SYSFS_CPUS_MAX && c->has[last + 1])
            last++;
        used += (size_t)snprintf(text + used, size - used, i == last ? "%s%u" : "%s%u-%u",
                                 used > 0 ? "," : "", i, last);
    }
    return text;
}
