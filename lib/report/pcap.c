/* SPDX-License-Identifier: BSD-3-Clause */
/* See pcap.h. */
#include "report/pcap.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/units.h"
#include "report/linefile.h"
#include "report/pcapng.h"

/* Written at once: so a run that is killed leaves whole blocks. */
static const size_t BUFFER_BYTES = 1 << 20;

struct pcap_file {
    struct linefile *file;
    const struct conf *conf;
    uint64_t bytes;
    uint64_t begun_ns; /* by the wall clock */
    bool is_full;
    struct pcap_counts counts; /* of all */
    uint8_t frame[FRAMES_SNAP_BYTES];
};

/* What is said of each frame of a connection, and of its first one. */
struct remarks {
    char of_each[128], of_first[512];
};

static uint64_t
wall_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * NS_PER_SEC + (uint64_t)t.tv_nsec;
}

static FILE *
stream_of(struct pcap_file *p)
{
    bool is_first;

    return linefile_line(p->file, &is_first);
}

void
pcap_begin(struct pcap_file *p, const struct result *r)
{
    char application[128], description[128];
    struct pcapng_interface i = {
        .name = p->conf->device, .description = description, .snap_bytes = FRAMES_SNAP_BYTES};
    FILE *out = stream_of(p);

    p->begun_ns = wall_ns();
    if (out == NULL)
        return;
    if (out != stdout)
        (void)setvbuf(out, NULL, _IOFBF, BUFFER_BYTES);
    snprintf(application, sizeof(application), "shakedown %s", r->version);
    if (p->conf->pcap_sample > 0)
        snprintf(description, sizeof(description), "one connection in %" PRIu64,
                 p->conf->pcap_sample);
    else
        snprintf(description, sizeof(description), "connections that failed");
    p->bytes = pcapng_section(out, application, r->host.kernel);
    p->bytes += pcapng_interface(out, &i);
    pcap_flush(p);
}

/* -- a connection ----------------------------------------------------------------------------- */

static const char *
end_name(const struct recorder_conn *c)
{
    switch ((enum recorder_end)c->end) {
    case RECORDER_FAILED:
        return stat_failure_names[c->cause].name;
    case RECORDER_CLOSED:
        return "closed";
    case RECORDER_OPEN:
        return "open at the end";
    case RECORDER_NEIGHBORS:
        break;
    }
    return "";
}

static void
remark(const struct pcap_source *s, const struct recorder_conn *c, struct remarks *m)
{
    if (c->end == RECORDER_NEIGHBORS) {
        snprintf(m->of_each, sizeof(m->of_each), "neighbors of core %u", s->lcore);
        m->of_first[0] = '\0';
        return;
    }
    snprintf(m->of_each, sizeof(m->of_each), "connection %" PRIu64 " of core %u: %s", c->number,
             s->lcore, end_name(c));
    snprintf(m->of_first, sizeof(m->of_first), "%s%s%u frames, %" PRIu32 " left out%s",
             c->end == RECORDER_FAILED ? stat_failure_names[c->cause].meaning : "",
             c->end == RECORDER_FAILED ? "; " : "", c->frames.n, c->frames.n_left_out,
             c->lacks_secrets ? "; TLS secrets are missing" : "");
}

/* Every block of the connection. @return their bytes; @out NULL: as they would be */
static size_t
write_blocks(struct pcap_file *p, FILE *out, const struct pcap_source *s,
             const struct recorder_conn *c)
{
    const struct frame_store *store = &s->table->store;
    struct remarks m;
    size_t bytes = 0;

    remark(s, c, &m);
    if (c->secrets_len > 0)
        bytes += pcapng_secrets(out, slab_at(&s->table->secrets, c->secrets), c->secrets_len);
    for (uint32_t i = c->frames.first; i != SLAB_NONE; i = frames_at(store, i)->next) {
        const struct kept_frame *f = frames_at(store, i);
        struct pcapng_frame block = {
            .data = p->frame,
            .bytes = f->bytes,
            .wire_bytes = f->wire_bytes,
            .time_ns = f->time_ns + s->wall_ns,
            .is_sent = f->is_sent,
            .comments = {m.of_each, i == c->frames.first ? m.of_first : NULL},
        };

        if (out != NULL)
            (void)frames_copy(store, i, p->frame);
        bytes += pcapng_frame(out, &block);
    }
    return bytes;
}

static void
count(struct pcap_counts *n, const struct recorder_conn *c, bool is_written)
{
    if (c->end == RECORDER_NEIGHBORS) {
        n->frames += is_written ? c->frames.n : 0;
        return;
    }
    n->connections += is_written;
    n->lost_connections += !is_written;
    n->frames += is_written ? c->frames.n : 0;
    n->lost_frames += is_written ? c->frames.n_left_out : 0;
}

static struct pcapng_statistics
statistics_of(const struct pcap_file *p)
{
    return (struct pcapng_statistics){.from_ns = p->begun_ns,
                                      .to_ns = wall_ns(),
                                      .frames = p->counts.frames + p->counts.lost_frames,
                                      .dropped = p->counts.lost_frames};
}

/* Whether the bound leaves room for so much, and for what stands at the end. */
static bool
has_room(const struct pcap_file *p, size_t bytes)
{
    struct pcapng_statistics s = statistics_of(p);

    return p->bytes + bytes + pcapng_statistics(NULL, &s) <= p->conf->pcap_bytes;
}

void
pcap_write(struct pcap_file *p, const struct pcap_source *s, uint32_t idx, struct pcap_counts *n)
{
    const struct recorder_conn *c = recorder_table_at(s->table, idx);
    FILE *out = stream_of(p);
    bool is_written = false;

    p->is_full = p->is_full || !has_room(p, write_blocks(p, NULL, s, c));
    if (out != NULL && !p->is_full && c->frames.n > 0) {
        p->bytes += write_blocks(p, out, s, c);
        is_written = true;
    }
    count(n, c, is_written);
    count(&p->counts, c, is_written);
}

void
pcap_flush(struct pcap_file *p)
{
    linefile_flush(p->file);
}

/* -- the sink --------------------------------------------------------------------------------- */

static int
pcap_open(void **state, const struct sink_opts *o, struct fail *f)
{
    struct pcap_file *p = calloc(1, sizeof(*p));
    void *file;

    if (p == NULL)
        return fail_set(f, EXIT_HOST, "%s: not enough memory", PCAP_OPTION);
    if (linefile_open(&file, PCAP_OPTION, o, f) < 0) {
        free(p);
        return -1;
    }
    p->file = file;
    p->file->is_private = true;
    p->conf = o->conf;
    *state = p;
    return 0;
}

/* A run that did not begin has an empty one. */
static int
pcap_end(void *state, const struct result *r, struct fail *f)
{
    struct pcap_file *p = state;
    struct pcapng_statistics s;
    FILE *out;

    if (p->bytes == 0)
        pcap_begin(p, r);
    s = statistics_of(p);
    out = stream_of(p);
    if (out != NULL)
        (void)pcapng_statistics(out, &s);
    return linefile_end(p->file, f);
}

static void
pcap_close(void *state)
{
    struct pcap_file *p = state;

    linefile_close(p->file);
    explicit_bzero(p->frame, sizeof(p->frame));
    free(p);
}

extern const struct report_sink sink_pcap;
const struct report_sink sink_pcap = {
    .name = "pcap",
    .help = "frames of connections, as pcapng",
    .option = PCAP_OPTION,
    .open = pcap_open,
    .end = pcap_end,
    .close = pcap_close,
};

struct pcap_file *
pcap_of(const struct report *rp)
{
    for (size_t i = 0; i < rp->n; i++)
        if (rp->open[i].sink == &sink_pcap)
            return rp->open[i].state;
    return NULL;
}
