/* SPDX-License-Identifier: BSD-3-Clause */
/* See rank.h. */
#include "app/rank.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_lcore.h>

#include "app/run_files.h"
#include "app/signals.h"
#include "base/console.h"
#include "base/timespec.h"
#include "base/units.h"
#include "conf/hosts.h"
#include "report/json.h"
#include "report/json_head.h"
#include "report/outfile.h"

static_assert(HOSTS_NAME_MAX == CREW_NAME_MAX && HOSTS_RANKS_MAX == RANKS_MAX, "each has a place");

/* Without --dead-man nobody is silent for too long while a load runs; but no rank waits for ever.
 */
static const uint64_t PATIENCE_NS = 60 * NS_PER_SEC;

/* Processes that are started together begin within a few seconds, on whatever machines. */
static const unsigned JOIN_S = 60;

/* A part of a file: where it goes, and so many bytes. */
struct part {
    uint64_t offset;
    uint8_t bytes[RANKS_BYTES_MAX - sizeof(uint64_t)];
};

/* -- joining -------------------------------------------------------------------------------- */

/* Ranks of one machine have different CPUs, where there are enough for that. */
static void
share_cpus(const struct hosts *h, unsigned rank)
{
    unsigned before, n = hosts_neighbors(h, rank, &before), place = 0, n_cpus;
    cpu_set_t all, own;

    if (sched_getaffinity(0, sizeof(all), &all) < 0)
        return;
    n_cpus = (unsigned)CPU_COUNT(&all);
    if (n < 2 || n_cpus < n)
        return;
    CPU_ZERO(&own);
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &all))
            continue;
        if (place >= n_cpus * before / n && place < n_cpus * (before + 1) / n)
            CPU_SET(cpu, &own);
        place++;
    }
    (void)sched_setaffinity(0, sizeof(own), &own);
}

static int
check(const struct rank *r, const struct hosts *h, struct fail *f)
{
    if (h->n_ranks == r->ranks->n)
        return 0;
    return fail_set(f, EXIT_USAGE,
                    "--hosts: there are %u ranks in it, and %u processes were started; give mpirun "
                    "or srun as many",
                    h->n_ranks, r->ranks->n);
}

static void
begin_crew(struct rank *r, const struct conf *c, const struct hosts *h)
{
    char names[RANKS_MAX][CREW_NAME_MAX];

    for (unsigned i = 0; i < h->n_ranks; i++)
        snprintf(names[i], CREW_NAME_MAX, "%s", hosts_of_rank(h, i)->name);
    crew_init(&r->crew, r->ranks, names, c->dead_man_ns > 0 ? c->dead_man_ns : PATIENCE_NS);
    crew_background_begin(&r->crew);
}

/* What is one process's of a run is rank 0's. */
static void
leave_to_the_first(const struct rank *r, struct conf *c)
{
    if (r->ranks->rank == 0)
        return;
    c->ui = UI_NONE;
    c->control[0] = '\0';
}

/* A process that died before it had joined holds up all that wait for it in there. */
static void
give_up(int signum)
{
    static const char why[] = "shakedown: not all processes of the run have come together; one may "
                              "have ended before the others began\n";

    (void)signum;
    (void)!write(console_fd(), why, sizeof(why) - 1);
    _exit(EXIT_HOST);
}

static struct ranks *
join(struct fail *f)
{
    struct ranks *ranks;

    signal(SIGALRM, give_up);
    alarm(JOIN_S);
    ranks = ranks_join(f);
    alarm(0);
    signal(SIGALRM, SIG_DFL);
    return ranks;
}

int
rank_join(struct rank *r, struct conf *c, struct fail *f)
{
    struct hosts *h = malloc(sizeof(*h));
    struct value_why why;
    int err;

    if (h == NULL)
        return fail_set(f, EXIT_HOST, "--join: not enough memory");
    if (c->hosts[0] == '\0' || hosts_read(c->hosts, h, &why) < 0) {
        free(h);
        return fail_set(f, EXIT_USAGE,
                        "--join: there is no --hosts that says whom; shakedown run "
                        "--hosts prints the command that it starts");
    }
    signals_block();
    r->ranks = join(f);
    err = r->ranks == NULL ? -1 : 0;
    r->is_on = err == 0;
    if (err == 0)
        err = check(r, h, f);
    if (err == 0)
        err = hosts_take_rank(c, r->ranks->rank, f);
    if (err == 0) {
        snprintf(r->join, sizeof(r->join), "%s", c->join);
        run_files_name(r->path, r->join, "", r->ranks->rank);
        share_cpus(h, r->ranks->rank);
        if (strlen(r->path) <
            sizeof(c->json)) /* whether it can be written is seen before the run */
            strcpy(c->json, r->path);
        begin_crew(r, c, h);
        leave_to_the_first(r, c);
        c->hosts[0] = '\0';
    }
    free(h);
    return err;
}

void
rank_keep_off_workers(struct rank *r, const struct io *io)
{
    cpu_set_t cpus;

    if (!r->is_on || sched_getaffinity(0, sizeof(cpus), &cpus) < 0)
        return;
    for (unsigned i = 0; i < io->n_workers; i++) {
        int cpu = rte_lcore_to_cpu_id((int)io->lcores[i]);

        if (cpu >= 0)
            CPU_CLR(cpu, &cpus);
    }
    if (CPU_COUNT(&cpus) > 0)
        (void)sched_setaffinity(0, sizeof(cpus), &cpus);
    ranks_follow(r->ranks);
}

/* -- the result ----------------------------------------------------------------------------- */

/* Other machines' files come here, where rank 0 is. */
static void
take_file(void *arg, unsigned from, const struct ranks_message *m)
{
    const struct rank *r = arg;
    char path[PATH_MAX];
    struct part part;
    FILE *out;

    if (m->kind != CREW_FILE || m->bytes < sizeof(part.offset))
        return;
    memcpy(&part, m->data, m->bytes);
    run_files_name(path, r->join, "", from);
    out = fopen(path, part.offset == 0 ? "we" : "r+e");
    if (out == NULL)
        return;
    if (fseek(out, (long)part.offset, SEEK_SET) == 0)
        (void)!fwrite(part.bytes, 1, m->bytes - sizeof(part.offset), out);
    fclose(out);
}

static void
send_file(struct rank *r)
{
    struct timespec moment = timespec_of_ns(NS_PER_MS);
    struct crew *c = &r->crew;
    FILE *in = fopen(r->path, "re");
    struct part part = {.offset = 0};
    size_t n;

    while (in != NULL && (n = fread(part.bytes, 1, sizeof(part.bytes), in)) > 0) {
        while (!c->members[0].is_lost &&
               !crew_tell(c, CREW_FILE, &part, (uint32_t)(sizeof(part.offset) + n))) {
            crew_look(c);
            nanosleep(&moment, NULL);
        }
        part.offset += n;
    }
    if (in != NULL)
        fclose(in);
}

int
rank_write(struct rank *r, const struct result *result, struct fail *f)
{
    struct crew *c = &r->crew;

    r->has_run = true;
    if (outfile_write(JSON_OPTION, r->path, json_write, result, f) < 0)
        return -1;
    crew_background_end(c);
    if (crew_is_hub(c)) {
        c->take = take_file;
        c->taker = r;
    } else if (strcmp(c->members[crew_rank(c)].name, c->members[0].name) != 0) {
        send_file(r);
    }
    crew_background_begin(c);
    return 0;
}

void
rank_leave(struct rank *r, int status)
{
    if (!r->is_on)
        return;
    if (r->has_run) {
        crew_leave(&r->crew);
        return;
    }
    if (r->crew.ranks != NULL)
        crew_background_end(&r->crew);
    ranks_abort(r->ranks, status);
}
