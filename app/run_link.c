/* SPDX-License-Identifier: BSD-3-Clause */
/* See run_link.h. */
#include "app/run_link.h"

#include "base/console.h"

/* Between two looks at the link, which may ask the card. */
static const uint64_t LINK_NS = 100 * NS_PER_MS;

void
run_watch_link(struct run *run)
{
    bool has_link = io_has_link(run->opts->io);

    if (has_link && !run->has_link)
        schedule_announce(&run->schedule);
    run->has_link = has_link;
}

void
run_begin_link(struct run *run)
{
    for (unsigned i = 0; i < run->opts->io->n_devices; i++)
        link_watch_begin(&run->links[i], io_link_state(run->opts->io, i), run_now_ns(run));
}

static void
warn_of_departure(const struct run *run)
{
    bool is_client = run->sampler.has_role[ROLE_CLIENT];

    fprintf(console_stream(),
            "shakedown: %s: device %s: the process at the other end has left after %.1f s%s\n",
            is_client ? "warning" : "note", run->opts->conf->device, run_s(run),
            is_client ? "" : "; the next one may come");
}

static void
tell_link(const struct run *run, unsigned i, enum link_event event, uint64_t down_ns)
{
    const char *device = conf_device(run->opts->conf, i);

    switch (event) {
    case LINK_EVENT_NONE:
        break;
    case LINK_EVENT_DOWN:
        fprintf(console_stream(),
                "shakedown: warning: device %s: its link is down after %.1f s; nothing gets "
                "through until it is back\n",
                device, run_s(run));
        break;
    case LINK_EVENT_GONE:
        fprintf(console_stream(),
                "shakedown: warning: device %s: interface %s has vanished after %.1f s, deleted "
                "or moved to another namespace; nothing gets through any more\n",
                device, run->opts->io->devices[i].iface, run_s(run));
        break;
    case LINK_EVENT_BACK:
        fprintf(console_stream(),
                "shakedown: note: device %s: its link is back after %.1f s; it was down for %.1f "
                "s\n",
                device, run_s(run), (double)down_ns / (double)NS_PER_SEC);
        break;
    }
}

/* Said at once, since what fails meanwhile is not the target's. */
static void
watch_losses(struct run *run, unsigned i)
{
    struct link_watch *w = &run->links[i];
    uint64_t before_ns = w->down_ns;
    enum link_event event = link_watch_look(w, io_link_state(run->opts->io, i), run_now_ns(run));

    tell_link(run, i, event, w->down_ns - before_ns);
}

void
run_look_at_link(struct run *run)
{
    if (io_poll_control(run->opts->io))
        warn_of_departure(run);
    if (run_now_ns(run) < run->next_link_ns)
        return;
    run->next_link_ns = run_now_ns(run) + LINK_NS;
    run_watch_link(run);
    for (unsigned i = 0; i < run->opts->io->n_devices; i++)
        watch_losses(run, i);
}
