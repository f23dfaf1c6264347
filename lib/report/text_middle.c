/* SPDX-License-Identifier: BSD-3-Clause */
/* See text_middle.h. */
#include "report/text_middle.h"

#include "base/wrap.h"
#include "report/format.h"

static const struct wrap lines = {.indent = 2, .hang = 4, .width = WRAP_TERMINAL};

static const char *const devices[] = {
    [MIDDLE_SILENT] = "silent: nothing that left the clients came to the servers' port",
    [MIDDLE_FORWARDS] = "forwards: addresses and ports are as they were",
    [MIDDLE_TRANSLATES] = "translates addresses or ports",
    [MIDDLE_PROXIES] = ("proxy: connections are terminated in between, so that nothing can be told "
                        "of a single segment"),
};

static const char *const kinds[MIDDLE_KINDS] = {
    [MIDDLE_SYN] = "SYN", [MIDDLE_SYN_ACK] = "SYN-ACK", [MIDDLE_OTHER] = "other"};

static const char *const directions[MIDDLE_DIRECTIONS] = {
    [MIDDLE_TO_SERVER] = "to the servers", [MIDDLE_TO_CLIENT] = "to the clients"};

static void
write_counts(FILE *out, const struct middle_count *c, bool is_ours)
{
    char sent[FORMAT_TEXT_MAX], arrived[FORMAT_TEXT_MAX], lost[FORMAT_TEXT_MAX];

    for (enum middle_kind k = 0; k < MIDDLE_KINDS; k++) {
        if (c->sent[k] + c->arrived[k] == 0)
            continue;
        fprintf(out, "    %-12s %13s sent %15s arrived", kinds[k], format_grouped(c->sent[k], sent),
                format_grouped(c->arrived[k], arrived));
        if (is_ours && middle_lost(c, k) > 0)
            fprintf(out, " %13s lost", format_grouped(middle_lost(c, k), lost));
        if (is_ours && middle_extra(c, k) > 0)
            fprintf(out, " %13s more than were sent", format_grouped(middle_extra(c, k), lost));
        fputs("\n", out);
    }
}

static void
write_seen(FILE *out, const struct middle_seen *s)
{
    char n[FORMAT_TEXT_MAX], p50[FORMAT_TEXT_MAX], p99[FORMAT_TEXT_MAX];

    for (enum middle_change c = 0; c < MIDDLE_CHANGE_COUNT; c++)
        if (s->changed[c] > 0)
            fprintf(out, "    %-12s %13s of handshakes' segments: %s\n", "changed",
                    format_grouped(s->changed[c], n), middle_change_words[c]);
    if (s->matched > 0)
        fprintf(out, "    %-12s p50 %s, p99 %s of %s\n", "one way",
                format_duration(hist_quantile_ns(&s->delay, 0.5), p50),
                format_duration(hist_quantile_ns(&s->delay, 0.99), p99),
                format_grouped(s->matched, n));
}

static void
write_device(FILE *out, const void *arg)
{
    const struct result *r = arg;

    fprintf(out, "%s", devices[middle_device_of(r->middle)]);
    if (r->middle->sample > 1)
        fprintf(out, "; one handshake in %u was compared", r->middle->sample);
}

void
text_middle(FILE *out, const struct result *r)
{
    const struct middle_tally *m = r->middle;

    if (m == NULL)
        return;
    fputs("\nthe device in the middle\n", out);
    wrap_call(out, &lines, write_device, r);
    for (enum middle_direction d = 0; d < MIDDLE_DIRECTIONS; d++) {
        fprintf(out, "  %s\n", directions[d]);
        write_counts(out, &m->counts[d], middle_device_of(m) != MIDDLE_PROXIES);
        write_seen(out, &m->seen[d]);
    }
}
