/* SPDX-License-Identifier: BSD-3-Clause */
/* See sim_log.h. */
#include "sim_log.h"

#include <inttypes.h>

#include "base/units.h"
#include "sim_link.h"

static const struct {
    unsigned bit;
    const char *text;
} words[] = {
    {SIM_LOST, ", lost"},
    {SIM_TAIL_DROPPED, ", dropped: the queue is full"},
    {SIM_TOO_BIG, ", dropped: too big"},
    {SIM_DUPLICATED, ", twice"},
    {SIM_REORDERED, ", late"},
    {SIM_CORRUPTED, ", corrupted"},
    {SIM_RULE_DROPPED, ", dropped by a rule"},
    {SIM_RULE_HELD, ", held back"},
    {SIM_RULE_REPEATED, ", repeated"},
    {SIM_RULE_EDITED, ", edited"},
};

struct sim_line *
sim_log_line(struct sim_log *log)
{
    struct sim_line *line = &log->lines[log->n++ % SIM_LOG_LINES];

    *line = (struct sim_line){.verb = ""};
    return line;
}

static void
print_seg(const struct seg *s, FILE *out)
{
    static const struct {
        uint8_t bit;
        const char *text;
    } flags[] = {{SEG_SYN, " SYN"}, {SEG_FIN, " FIN"}, {SEG_RST, " RST"},
                 {SEG_PSH, " PSH"}, {SEG_URG, " URG"}, {SEG_ACK, " ACK"}};

    for (size_t i = 0; i < ARRAY_LEN(flags); i++)
        fputs((s->flags & flags[i].bit) != 0 ? flags[i].text : "", out);
    fprintf(out, " seq %" PRId32, (int32_t)s->seq);
    if (s->payload_len > 0)
        fprintf(out, "..%" PRId32, (int32_t)(s->seq + s->payload_len));
    if ((s->flags & SEG_ACK) != 0)
        fprintf(out, " ack %" PRId32, (int32_t)s->ack);
    fprintf(out, " window %u", s->window);
    if ((s->options & SEG_OPT_TS) != 0)
        fprintf(out, " ts %" PRIu32 "/%" PRIu32, s->ts_val, s->ts_ecr);
    for (unsigned i = 0; (s->options & SEG_OPT_SACK) != 0 && i < s->n_sack; i++)
        fprintf(out, " sack %" PRId32 "..%" PRId32, (int32_t)s->sack[i].begin,
                (int32_t)s->sack[i].end);
    if ((s->flags & SEG_SYN) != 0)
        fprintf(out, " options %x mss %u wscale %u", s->options, s->mss, s->wscale);
}

static void
print_line(const struct sim_line *line, FILE *out)
{
    fprintf(out, "%14.6f %c %s", (double)line->ns / (double)NS_PER_SEC, "AB"[line->host],
            line -> verb);
    if (line->has_seg)
        print_seg(&line->seg, out);
    else if (line->number > 0)
        fprintf(out, " %" PRIu64, line->number);
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        fputs((line->fate & words[i].bit) != 0 ? words[i].text : "", out);
    if (line->state != NULL)
        fprintf(out, "  (%s)", line->state);
    fputc('\n', out);
}

void
sim_log_print(const struct sim_log *log, FILE *out)
{
    unsigned i = log->n > SIM_LOG_LINES ? log->n - SIM_LOG_LINES : 0;

    for (; i < log->n; i++)
        print_line(&log->lines[i % SIM_LOG_LINES], out);
}
