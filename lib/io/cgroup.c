/* SPDX-License-Identifier: BSD-3-Clause */
/* See cgroup.h. What the files mean is in the kernel's admin-guide: cgroup-v2.rst,
 * cgroup-v1/memory.rst. */
#include "io/cgroup.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"

static const char LIST[] = "/proc/self/cgroup";

struct version {
    const char *mount;
    const char *limits[2]; /* "max", or a number beyond any memory: none */
    const char *usage;
    const char *dropped; /* in memory.stat: what could be given back */
};

static const struct version v1 = {
    .mount = "/sys/fs/cgroup/memory",
    .limits = {"memory.limit_in_bytes"},
    .usage = "memory.usage_in_bytes",
    .dropped = "total_inactive_file",
};
/* Beyond memory.high a group is slowed down until it hardly moves. */
static const struct version v2 = {
    .mount = "/sys/fs/cgroup",
    .limits = {"memory.max", "memory.high"},
    .usage = "memory.current",
    .dropped = "inactive_file",
};

struct group {
    const char *root;
    const struct version *version;
    char path[PATH_MAX]; /* below the mount: "" or "/a/b" */
};

static FILE *
open_file(const struct group *g, const char *name)
{
    char path[2 * PATH_MAX];

    snprintf(path, sizeof(path), "%s%s%s/%s", g->root, g->version->mount, g->path, name);
    return fopen(path, "re");
}

/* @return @otherwise when there is no number in the file. */
static uint64_t
read_bytes(const struct group *g, const char *name, uint64_t otherwise)
{
    uint64_t bytes = otherwise;
    FILE *f = open_file(g, name);

    if (f == NULL)
        return otherwise;
    if (fscanf(f, "%" SCNu64, &bytes) != 1)
        bytes = otherwise;
    fclose(f);
    return bytes;
}

static uint64_t
read_dropped(const struct group *g)
{
    char name[64];
    uint64_t bytes, dropped = 0;
    FILE *f = open_file(g, "memory.stat");

    if (f == NULL)
        return 0;
    while (fscanf(f, "%63s %" SCNu64, name, &bytes) == 2)
        if (strcmp(name, g->version->dropped) == 0)
            dropped = bytes;
    fclose(f);
    return dropped;
}

static uint64_t
left_in(const struct group *g)
{
    uint64_t limit = UINT64_MAX, used, dropped;

    for (size_t i = 0; i < ARRAY_LEN(g->version->limits); i++)
        if (g->version->limits[i] != NULL)
            limit = u64_min(limit, read_bytes(g, g->version->limits[i], UINT64_MAX));
    if (limit > INT64_MAX - UINT32_MAX) /* version 1 says so many pages for none */
        return UINT64_MAX;
    used = read_bytes(g, g->version->usage, 0);
    dropped = u64_min(read_dropped(g), used);
    return limit > used - dropped ? limit - (used - dropped) : 0;
}

/* From the process's own group to the root. Within a container the path may be the host's, of which
 * nothing is to be seen but the mount. */
static uint64_t
least_left(struct group *g)
{
    uint64_t least = UINT64_MAX;
    char *slash;

    if (strcmp(g->path, "/") == 0)
        g->path[0] = '\0';
    for (;;) {
        least = u64_min(least, left_in(g));
        slash = strrchr(g->path, '/');
        if (slash == NULL)
            return least;
        *slash = '\0';
    }
}

/* What follows the second colon. */
static const char *
path_of(const char *line)
{
    const char *colon = strchr(line, ':');

    colon = colon == NULL ? NULL : strchr(colon + 1, ':');
    return colon == NULL ? NULL : colon + 1;
}

/* "4:cpu,memory:/a/b" or, version 2, "0::/a/b". @return NULL for a group that is not of memory. */
static const struct version *
version_of(const char *line)
{
    char controllers[256];

    if (strncmp(line, "0::", 3) == 0)
        return &v2;
    if (sscanf(line, "%*[^:]:%255[^:]:", controllers) != 1)
        return NULL;
    for (char *save, *name = strtok_r(controllers, ",", &save); name != NULL;
         name = strtok_r(NULL, ",", &save))
        if (strcmp(name, "memory") == 0)
            return &v1;
    return NULL;
}

uint64_t
cgroup_available_bytes(const char *root)
{
    char path[PATH_MAX], line[PATH_MAX];
    uint64_t least = UINT64_MAX;
    FILE *f;

    snprintf(path, sizeof(path), "%s%s", root, LIST);
    f = fopen(path, "re");
    if (f == NULL)
        return least;
    while (fgets(line, sizeof(line), f) != NULL) {
        struct group g = {.root = root, .version = version_of(line)};
        const char *name = path_of(line);

        if (g.version == NULL || name == NULL)
            continue;
        snprintf(g.path, sizeof(g.path), "%.*s", (int)strcspn(name, "\n"), name);
        least = u64_min(least, least_left(&g));
    }
    fclose(f);
    return least;
}
