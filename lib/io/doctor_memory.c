/* SPDX-License-Identifier: BSD-3-Clause */
/* The rows of io/doctor.h about memory. */
#include <inttypes.h>
#include <stdio.h>

#include "io/doctor_rows.h"
#include "io/rlimits.h"

static uint64_t
mib(uint64_t bytes)
{
    return bytes >> 20;
}

/* The smallest size, of which it is the number of pages that is set. */
static void
mend_huge(struct doctor_row *r, const struct machine *m, uint64_t needed_bytes)
{
    const struct machine_huge *h = &m->huge[0];

    if (m->n_huge == 0)
        return;
    doctor_mend(r,
                "echo %" PRIu64 " >/sys/kernel/mm/hugepages/hugepages-%" PRIu64 "kB/nr_hugepages",
                machine_huge_used(m, h->page_bytes) + needed_bytes / h->page_bytes + 1,
                h->page_bytes >> 10);
}

/* IO_STEP_MEMORY knows what is wrong, and where there need not be any. */
void
doctor_look_huge_pages(const struct doctor_host *h, struct doctor_row *r)
{
    const struct machine *m = &h->setup->machine;
    uint64_t needed = h->setup->huge_bytes;

    if (h->io->uses_hugepages) {
        doctor_say(r, DOCTOR_OK, "%" PRIu64 " MiB free, %" PRIu64 " MiB needed for packets",
                   mib(m->huge_free_bytes), mib(needed));
        return;
    }
    doctor_say(r, DOCTOR_WARNING,
               "%" PRIu64 " MiB free, %" PRIu64 " MiB needed for packets: ordinary memory is used, "
               "which is slower",
               mib(m->huge_free_bytes), mib(needed));
    mend_huge(r, m, needed);
}

/* IO_STEP_LIMITS knows what is wrong. */
void
doctor_look_limits(const struct doctor_host *h, struct doctor_row *r)
{
    struct rlimits l = rlimits_read(h->setup->machine.may_lock);
    char locked[64] = "any";

    if (l.locked_bytes != UINT64_MAX)
        snprintf(locked, sizeof(locked), "%" PRIu64 " MiB", mib(l.locked_bytes));
    doctor_say(r, DOCTOR_OK,
               "%s locked memory, of which this device needs %" PRIu64 " MiB; %" PRIu64
               " open files",
               locked, mib(h->setup->locked_bytes), l.files);
}
