/* SPDX-License-Identifier: BSD-3-Clause */
/* See rlimits.h. */
#include "io/rlimits.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

/* Measured with DPDK 22.11: EAL opens nine for itself, and two pipes for each worker. Three are for
 * what this program opens, a result and files of TLS. A driver may have a socket for each queue,
 * and descriptors for events each way. */
static const unsigned FILES = 12, FILES_OF_WORKER = 4, FILES_OF_QUEUE = 4;

static uint64_t
limit_of(int resource)
{
    struct rlimit r;

    if (getrlimit((__rlimit_resource_t)resource, &r) != 0 || r.rlim_cur == RLIM_INFINITY)
        return UINT64_MAX;
    return r.rlim_cur;
}

static void
raise_one(int resource)
{
    struct rlimit r;

    if (getrlimit((__rlimit_resource_t)resource, &r) != 0 || r.rlim_cur == r.rlim_max)
        return;
    r.rlim_cur = r.rlim_max;
    (void)setrlimit((__rlimit_resource_t)resource, &r);
}

void
rlimits_raise(void)
{
    raise_one(RLIMIT_NOFILE);
    raise_one(RLIMIT_MEMLOCK);
}

struct rlimits
rlimits_read(bool may_lock)
{
    return (struct rlimits){
        .files = limit_of(RLIMIT_NOFILE),
        .locked_bytes = may_lock ? UINT64_MAX : limit_of(RLIMIT_MEMLOCK),
        .address_bytes = limit_of(RLIMIT_AS),
    };
}

static uint64_t
mib(uint64_t bytes)
{
    return (bytes + (1 << 20) - 1) >> 20;
}

int
rlimits_check(const struct rlimits *l, const struct rlimits_wants *w, struct fail *f)
{
    uint64_t files = w->open_files + FILES + (uint64_t)FILES_OF_WORKER * w->n_workers +
                     (uint64_t)FILES_OF_QUEUE * w->n_queues;

    if (files > l->files)
        return fail_set(
            f, EXIT_HOST,
            "ulimit -n: this process may have %" PRIu64 " files open, and %u workers need %" PRIu64
            "; use fewer --lcores, raise the limit (LimitNOFILE= of a systemd unit), or "
            "raise this shell's with: sudo prlimit --nofile=%" PRIu64 " --pid $$",
            l->files, w->n_workers, files, files);
    if (w->locked_bytes > l->locked_bytes)
        return fail_set(
            f, EXIT_HOST,
            "device %s: %s are %" PRIu64 " MiB of locked memory, and ulimit -l allows %" PRIu64
            " MiB; run as root or with CAP_IPC_LOCK, raise the limit (LimitMEMLOCK= of a "
            "systemd unit, /etc/security/limits.conf), or raise this shell's with: "
            "sudo prlimit --memlock=%" PRIu64 " --pid $$",
            w->device, w->locked, mib(w->locked_bytes), l->locked_bytes >> 20,
            mib(w->locked_bytes) << 20);
    return 0;
}

int
rlimits_check_address(const struct rlimits *l, uint64_t taken_bytes, uint64_t bytes, struct fail *f)
{
    if (l->address_bytes == UINT64_MAX ||
        (taken_bytes < l->address_bytes && bytes <= l->address_bytes - taken_bytes))
        return 0;
    return fail_set(f, EXIT_HOST,
                    "ulimit -v: this run reserves %" PRIu64 " MiB of address space beside %" PRIu64
                    " MiB that are mapped, most of it for payload that may never come, and the "
                    "limit is %" PRIu64
                    " MiB; raise it with: ulimit -v unlimited; or ask for fewer --connections",
                    mib(bytes), mib(taken_bytes), l->address_bytes >> 20);
}

unsigned
rlimits_open_files(void)
{
    DIR *dir = opendir("/proc/self/fd");
    unsigned n = 0;

    if (dir == NULL)
        return 3;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        n += entry->d_name[0] != '.';
    closedir(dir);
    return n - 1; /* the folder's own */
}

/* proc(5), statm: pages mapped, then those of them that are there; 0: unknown. */
static void
read_pages(uint64_t *mapped, uint64_t *resident)
{
    FILE *file = fopen("/proc/self/statm", "re");

    *mapped = *resident = 0;
    if (file == NULL)
        return;
    if (fscanf(file, "%" SCNu64 " %" SCNu64, mapped, resident) != 2)
        *mapped = *resident = 0;
    fclose(file);
}

uint64_t
rlimits_mapped_bytes(void)
{
    uint64_t mapped, resident;

    read_pages(&mapped, &resident);
    return mapped * (uint64_t)sysconf(_SC_PAGESIZE);
}

uint64_t
rlimits_resident_bytes(void)
{
    uint64_t mapped, resident;

    read_pages(&mapped, &resident);
    return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}
