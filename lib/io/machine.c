/* SPDX-License-Identifier: BSD-3-Clause */
/* See machine.h. */
#include "io/machine.h"

#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "io/cgroup.h"

static const char HUGE_DIR[] = "/sys/kernel/mm/hugepages";

/* Copy what follows "@key" and a colon in the file, without the blanks around it. */
static bool
read_field(const char *root, const char *file, const char *key, char *value, size_t size)
{
    char path[PATH_MAX], line[512];
    size_t key_len = strlen(key);
    bool found = false;
    FILE *f;

    snprintf(path, sizeof(path), "%s%s", root, file);
    f = fopen(path, "re");
    if (f == NULL)
        return false;
    while (!found && fgets(line, sizeof(line), f) != NULL) {
        char *v = line + key_len;

        if (strncmp(line, key, key_len) != 0)
            continue;
        v += strspn(v, " \t");
        if (*v++ != ':')
            continue;
        v += strspn(v, " \t");
        v[strcspn(v, "\n")] = '\0';
        snprintf(value, size, "%s", v);
        found = true;
    }
    fclose(f);
    return found;
}

/* Not that of a container: there capabilities are for what belongs to it. */
static bool
is_first_user_namespace(const char *root)
{
    char path[PATH_MAX];
    unsigned long long inside, outside, n = 0;
    FILE *f;

    snprintf(path, sizeof(path), "%s/proc/self/uid_map", root);
    f = fopen(path, "re");
    if (f == NULL)
        return true;
    if (fscanf(f, "%llu %llu %llu", &inside, &outside, &n) != 3)
        n = 0;
    fclose(f);
    return n == UINT32_MAX;
}

static uint64_t
read_number(const char *root, const char *dir, const char *file)
{
    char path[2 * PATH_MAX];
    uint64_t n = 0;
    FILE *f;

    snprintf(path, sizeof(path), "%s%s/%s", root, dir, file);
    f = fopen(path, "re");
    if (f == NULL)
        return 0;
    if (fscanf(f, "%" SCNu64, &n) != 1)
        n = 0;
    fclose(f);
    return n;
}

static int
compare_huge(const void *a, const void *b)
{
    const struct machine_huge *x = a, *y = b;

    return (x->page_bytes > y->page_bytes) - (x->page_bytes < y->page_bytes);
}

/* One directory a page size: hugepages-2048kB. */
static void
read_huge(struct machine *m, const char *root)
{
    char path[PATH_MAX];
    struct dirent *entry;
    DIR *dir;

    snprintf(path, sizeof(path), "%s%s", root, HUGE_DIR);
    dir = opendir(path);
    if (dir == NULL)
        return;
    while (m->n_huge < MACHINE_SIZES_MAX && (entry = readdir(dir)) != NULL) {
        struct machine_huge *h = &m->huge[m->n_huge];
        uint64_t kib;

        if (sscanf(entry->d_name, "hugepages-%" SCNu64 "kB", &kib) != 1)
            continue;
        snprintf(path, sizeof(path), "%s/%s", HUGE_DIR, entry->d_name);
        h->page_bytes = kib << 10;
        h->total_pages = read_number(root, path, "nr_hugepages");
        h->free_pages = read_number(root, path, "free_hugepages");
        m->huge_free_bytes += h->free_pages * h->page_bytes;
        m->n_huge++;
    }
    closedir(dir);
    qsort(m->huge, m->n_huge, sizeof(m->huge[0]), compare_huge);
}

static void
read_cpus(struct machine *m)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof(set), &set) != 0) {
        m->cpus[m->n_cpus++] = 0;
        return;
    }
    for (unsigned cpu = 0; cpu < MACHINE_CPUS_MAX; cpu++) {
        if (CPU_ISSET(cpu, &set))
            m->cpus[m->n_cpus++] = (uint16_t)cpu;
    }
}

/* 0 would be "unknown". */
static void
limit_memory(struct machine *m, uint64_t allowed_bytes)
{
    if (allowed_bytes < m->available_bytes ||
        (m->available_bytes == 0 && allowed_bytes != UINT64_MAX))
        m->available_bytes = allowed_bytes > 0 ? allowed_bytes : 1;
}

void
machine_read(struct machine *m, const char *root)
{
    struct utsname name;
    char value[64];

    *m = (struct machine){.is_root = geteuid() == 0};
    read_huge(m, root);
    read_cpus(m);
    if (read_field(root, "/proc/meminfo", "MemAvailable", value, sizeof(value)))
        m->available_bytes = strtoull(value, NULL, 10) << 10;
    limit_memory(m, cgroup_available_bytes(root));
    if (read_field(root, "/proc/self/status", "CapEff", value, sizeof(value))) {
        uint64_t caps = strtoull(value, NULL, 16);

        m->capabilities = caps;
        m->has_net_raw = (caps >> CAP_NET_RAW & 1) != 0;
        m->has_net_admin = (caps >> CAP_NET_ADMIN & 1) != 0;
        if (is_first_user_namespace(root)) {
            m->may_lock = (caps >> CAP_IPC_LOCK & 1) != 0;
            m->sees_physical = (caps >> CAP_SYS_ADMIN & 1) != 0;
        }
    }
    if (!read_field(root, "/proc/cpuinfo", "model name", m->cpu_model, sizeof(m->cpu_model)))
        snprintf(m->cpu_model, sizeof(m->cpu_model), "unknown");
    snprintf(m->kernel, sizeof(m->kernel), "%s", uname(&name) == 0 ? name.release : "unknown");
}

uint64_t
machine_huge_used(const struct machine *m, uint64_t page_bytes)
{
    for (unsigned i = 0; i < m->n_huge; i++)
        if (m->huge[i].page_bytes == page_bytes)
            return m->huge[i].total_pages - m->huge[i].free_pages;
    return 0;
}
