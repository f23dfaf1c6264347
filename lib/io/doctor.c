/* SPDX-License-Identifier: BSD-3-Clause */
/* See doctor.h. */
#include "io/doctor.h"

#include <stdio.h>
#include <string.h>

#include "io/doctor_rows.h"

#define DOCTOR_NAMES(name_, title_, looks)                                                         \
    [DOCTOR_##name_] = {.name = #name_, .title = (title_), .is_looked_at = false},
static const struct doctor_row empty_rows[DOCTOR_COUNT] = {DOCTOR_ROWS(DOCTOR_NAMES)};
#undef DOCTOR_NAMES

#define DOCTOR_LOOK(name, title, looks) [DOCTOR_##name] = doctor_look_##name,
static void (*const host_looks[])(const struct doctor_host *h,
                                  struct doctor_row *r) = {DOCTOR_HOST_ROWS(DOCTOR_LOOK)};
static void (*const port_looks[])(const struct doctor_port *p,
                                  struct doctor_row *r) = {DOCTOR_PORT_ROWS(DOCTOR_LOOK)};
#undef DOCTOR_LOOK

/* Whose row it is when a run is stopped by a step. */
static const enum doctor_row_id rows_of_steps[IO_STEPS] = {
    [IO_STEP_WORKERS] = DOCTOR_cpus,  [IO_STEP_DEVICE] = DOCTOR_device,
    [IO_STEP_MTU] = DOCTOR_mtu,       [IO_STEP_MEMORY] = DOCTOR_huge_pages,
    [IO_STEP_LIMITS] = DOCTOR_limits,
};

/* What a run is told. */
static void
stop_row(struct doctor_row *r, const struct fail *f)
{
    const char *command = fail_command(f->text);

    doctor_say(r, DOCTOR_STOP, "%s", f->text);
    if (command != NULL)
        doctor_mend(r, "%s", command);
}

int
doctor_read_host(struct doctor *d, const struct io_opts *opts, const char *root, struct fail *f)
{
    struct io io = {0};
    struct io_setup s = {0};
    struct doctor_host h = {.setup = &s, .io = &io};
    struct fail fails[IO_STEPS];
    bool has_failed[IO_STEPS];

    memcpy(d->rows, empty_rows, sizeof(d->rows));
    if (io_setup_begin(&s, &io, opts, root, f) < 0)
        return -1;
    snprintf(d->device, sizeof(d->device), "%s", io.devices[0].name);
    d->is_pci = s.devices[0].kind == DEVICE_PCI;
    for (enum io_step step = 0; step < IO_STEPS; step++)
        has_failed[step] = io_setup_take(&s, &io, step, &fails[step]) < 0;
    for (enum doctor_row_id i = 0; i < DOCTOR_port; i++)
        host_looks[i](&h, &d->rows[i]);
    for (enum io_step step = 0; step < IO_STEPS; step++)
        if (has_failed[step])
            stop_row(&d->rows[rows_of_steps[step]], &fails[step]);
    return 0;
}

void
doctor_set_closed(struct doctor *d, const struct fail *f)
{
    stop_row(&d->rows[DOCTOR_port], f);
}

void
doctor_read_port(struct doctor *d, const struct io *io, const struct io_opts *opts,
                 const struct fail *link)
{
    struct doctor_port p;

    doctor_ask_driver(&p, io, opts);
    p.is_pci = d->is_pci;
    p.link = link;
    for (enum doctor_row_id i = DOCTOR_port; i < DOCTOR_COUNT; i++)
        port_looks[i](&p, &d->rows[i]);
}
