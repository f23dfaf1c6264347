/* SPDX-License-Identifier: BSD-3-Clause */
/* See ranks.h. MPI's collective calls are MPI_Init and MPI_Finalize, the latter only where all are
 * there to call it: a collective call with a rank that has died waits for ever. In between there
 * are calls that do not wait, from whichever thread looks just now. */
#include <dirent.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpi.h>

#include "base/units.h"
#include "ranks/ranks.h"

/* Messages under way, to all. A rank that takes none holds up those to others for want of a place,
 * so each has a bound. */
#define SLOTS_MAX    256
#define PER_RANK_MAX 64

/* What MPI's library starts beside: three of them, today. */
#define THREADS_MAX 32

static const int TAG = 1;

/* One that dies just now would have the others wait for ever; then the process ends as it is. */
static const unsigned LEAVE_S = 10;

struct mpi {
    struct ranks base; /* the first member */
    struct mpi_slot {
        MPI_Request request; /* MPI_REQUEST_NULL: free */
        unsigned to;
        struct ranks_message message;
    } slots[SLOTS_MAX];
    unsigned n_under_way[RANKS_MAX];
    MPI_Request receive[RANKS_MAX]; /* one from each rank is waited for always */
    struct ranks_message received[RANKS_MAX];
    unsigned next; /* whose is looked at first */
    pid_t threads[THREADS_MAX];
    unsigned n_threads;
};

static int
bytes_of(const struct ranks_message *m)
{
    uint32_t bytes = m->bytes < RANKS_BYTES_MAX ? m->bytes : RANKS_BYTES_MAX;

    return (int)(offsetof(struct ranks_message, data) + bytes);
}

static void
look_at_slots(struct mpi *x)
{
    for (size_t i = 0; i < SLOTS_MAX; i++) {
        int is_done = 0;

        if (x->slots[i].request == MPI_REQUEST_NULL)
            continue;
        if (MPI_Test(&x->slots[i].request, &is_done, MPI_STATUS_IGNORE) == MPI_SUCCESS && !is_done)
            continue;
        x->slots[i].request = MPI_REQUEST_NULL; /* it has gone, or never will */
        x->n_under_way[x->slots[i].to]--;
    }
}

static bool
send_mpi(struct ranks *r, unsigned to, const struct ranks_message *m)
{
    struct mpi *x = (struct mpi *)r;

    look_at_slots(x);
    for (size_t i = 0; i < SLOTS_MAX && x->n_under_way[to] < PER_RANK_MAX; i++) {
        struct mpi_slot *s = &x->slots[i];

        if (s->request != MPI_REQUEST_NULL)
            continue;
        memcpy(&s->message, m, (size_t)bytes_of(m));
        s->to = to;
        if (MPI_Isend(&s->message, bytes_of(m), MPI_BYTE, (int)to, TAG, MPI_COMM_WORLD,
                      &s->request) != MPI_SUCCESS) {
            s->request = MPI_REQUEST_NULL;
            return true; /* nobody is there who could get it */
        }
        x->n_under_way[to]++;
        return true;
    }
    return false;
}

static void
await(struct mpi *x, unsigned from)
{
    if (MPI_Irecv(&x->received[from], sizeof(x->received[from]), MPI_BYTE, (int)from, TAG,
                  MPI_COMM_WORLD, &x->receive[from]) != MPI_SUCCESS)
        x->receive[from] = MPI_REQUEST_NULL;
}

static bool
take_mpi(struct ranks *r, struct ranks_message *m, unsigned *from)
{
    struct mpi *x = (struct mpi *)r;

    for (unsigned i = 0; i < r->n; i++) {
        unsigned k = (x->next + i) % r->n;
        int is_done = 0;

        if (x->receive[k] == MPI_REQUEST_NULL)
            continue;
        if (MPI_Test(&x->receive[k], &is_done, MPI_STATUS_IGNORE) != MPI_SUCCESS) {
            x->receive[k] = MPI_REQUEST_NULL;
            continue;
        }
        if (!is_done)
            continue;
        memcpy(m, &x->received[k], (size_t)bytes_of(&x->received[k]));
        *from = k;
        await(x, k);
        x->next = (k + 1) % r->n;
        return true;
    }
    return false;
}

/* The ids of this process's threads. @return how many */
static unsigned
list_threads(pid_t ids[static THREADS_MAX])
{
    DIR *dir = opendir("/proc/self/task");
    const struct dirent *e;
    unsigned n = 0;

    while (dir != NULL && (e = readdir(dir)) != NULL && n < THREADS_MAX)
        if (e->d_name[0] != '.')
            ids[n++] = (pid_t)strtol(e->d_name, NULL, 10);
    if (dir != NULL)
        closedir(dir);
    return n;
}

static bool
is_among(pid_t id, const pid_t *ids, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (ids[i] == id)
            return true;
    return false;
}

static void
follow_mpi(struct ranks *r)
{
    struct mpi *x = (struct mpi *)r;
    cpu_set_t cpus;

    if (sched_getaffinity(0, sizeof(cpus), &cpus) < 0)
        return;
    for (unsigned i = 0; i < x->n_threads; i++)
        (void)sched_setaffinity(x->threads[i], sizeof(cpus), &cpus);
}

static void
leave_mpi(struct ranks *r, bool all_are_there)
{
    struct mpi *x = (struct mpi *)r;

    if (!all_are_there)
        return; /* MPI may use the buffers until the process ends */
    for (unsigned i = 0; i < r->n; i++)
        if (x->receive[i] != MPI_REQUEST_NULL) {
            MPI_Cancel(&x->receive[i]);
            MPI_Request_free(&x->receive[i]);
        }
    alarm(LEAVE_S);
    MPI_Finalize();
    alarm(0);
    free(x);
}

static void
abort_mpi(struct ranks *r, int status)
{
    (void)r;
    MPI_Abort(MPI_COMM_WORLD, status);
}

static const struct ranks_ops mpi_ops = {
    .name = "Open MPI",
    .send = send_mpi,
    .take = take_mpi,
    .follow = follow_mpi,
    .leave = leave_mpi,
    .abort = abort_mpi,
};

bool
ranks_can_join(void)
{
    return true;
}

struct ranks *
ranks_join(struct fail *f)
{
    struct mpi *x = calloc(1, sizeof(*x));
    pid_t before[THREADS_MAX], after[THREADS_MAX];
    unsigned n_before = list_threads(before), n_after;
    int given, rank, n;

    if (x == NULL || MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &given) != MPI_SUCCESS) {
        (void)fail_set(f, EXIT_HOST,
                       "--join: Open MPI could not be set up; mpirun or srun starts "
                       "the processes of a run");
        free(x);
        return NULL;
    }
    n_after = list_threads(after);
    for (unsigned i = 0; i < n_after; i++)
        if (!is_among(after[i], before, n_before))
            x->threads[x->n_threads++] = after[i];
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &n);
    x->base = (struct ranks){.ops = &mpi_ops, .rank = (unsigned)rank, .n = (unsigned)n};
    if (given < MPI_THREAD_SERIALIZED || n > RANKS_MAX) {
        (void)fail_set(f, EXIT_HOST,
                       "--join: %d processes are too many, or this Open MPI is not "
                       "for programs with threads",
                       n);
        MPI_Abort(MPI_COMM_WORLD, EXIT_HOST);
        free(x);
        return NULL;
    }
    for (unsigned i = 0; i < SLOTS_MAX; i++)
        x->slots[i].request = MPI_REQUEST_NULL;
    for (unsigned i = 0; i < x->base.n; i++) {
        x->receive[i] = MPI_REQUEST_NULL;
        if (i != x->base.rank)
            await(x, i);
    }
    return &x->base;
}
