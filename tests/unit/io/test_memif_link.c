/* SPDX-License-Identifier: BSD-3-Clause */
/* Two processes over a memif, and what each sees of the other's leaving. The test's own process
 * serves and polls; its peers are forked before EAL starts, which it may do once in a process. */
#include "io_rig.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include <rte_launch.h>

#include "io/io.h"
#include "io/memif_link.h"
#include "io/queue.h"

static struct io io;
static char device[128];
static atomic_bool is_over;
static atomic_uint turns, received;

static void
open_memif(bool serves)
{
    struct io_opts opts = {.device = device, .eal = "", .lcores = 1, .serves = serves};
    struct fail f;

    cr_assert(eq(int, io_open(&io, &opts, &f), 0), "%s", f.text);
}

/* Send what comes back, and something each turn, until told to stop. */
static int
chatter(void *arg)
{
    static struct io_queue q;
    struct rte_mbuf *pkts[IO_BURST];

    (void)arg;
    io_queue_init(&q, &io, 0);
    while (!atomic_load_explicit(&is_over, memory_order_relaxed)) {
        struct rte_mbuf *m;
        uint16_t n;

        io_go_online(&q);
        n = io_rx(&q, pkts, IO_BURST);
        atomic_fetch_add_explicit(&received, n, memory_order_relaxed);
        io_recycle(&q, pkts, n);
        if (io_tx_free_count(&q) > 0 && (m = io_tx_take(&q)) != NULL)
            io_tx_put(&q, m, 60, IO_PLAIN, 14);
        io_tx_flush(&q);
        atomic_fetch_add_explicit(&turns, 1, memory_order_relaxed);
    }
    io_go_offline(&q);
    io_queue_fini(&q);
    return 0;
}

/* A client that comes when it is told to, and never leaves of its own accord. */
static pid_t
fork_client(int *go)
{
    int pipe_fds[2];
    struct fail f;
    pid_t pid;
    char c;

    cr_assert(eq(int, pipe(pipe_fds), 0));
    pid = fork();
    if (pid != 0) {
        close(pipe_fds[0]);
        *go = pipe_fds[1];
        return pid;
    }
    close(pipe_fds[1]);
    if (read(pipe_fds[0], &c, 1) != 1)
        _exit(0);
    open_memif(false);
    if (io_wait_link(&io, 20000, &f) < 0)
        _exit(1);
    rte_eal_remote_launch(chatter, NULL, io.lcores[0]);
    for (;;)
        (void)io_poll_control(&io);
}

/* @return whether the peer was there and has gone, within @seconds */
static bool
watch_for(unsigned seconds, bool until_gone)
{
    const struct timespec pause = {.tv_nsec = 1000000};

    for (unsigned i = 0; i < seconds * 1000; i++) {
        bool has_gone = io_poll_control(&io);

        if (until_gone ? has_gone : memif_link_is_up(io.devices[0].memif_link))
            return true;
        nanosleep(&pause, NULL);
    }
    return false;
}

/* Killed in the middle of connecting, a peer can meet a race of the driver's own; on a busy machine
 * that takes longer than one would think. */
static bool
has_talked(unsigned before)
{
    for (unsigned i = 0; i < 30000; i++) {
        if (atomic_load(&received) != before)
            return true;
        usleep(1000);
    }
    return false;
}

static void
come_and_be_killed(pid_t pid, int go)
{
    unsigned before = atomic_load(&received);
    int status;

    cr_assert(eq(int, (int)write(go, "x", 1), 1));
    cr_assert(watch_for(30, false), "the peer is not noticed");
    cr_assert(has_talked(before), "the peer says nothing");
    usleep(100000);
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    cr_assert(ne(int, WIFSIGNALED(status), 0));
    cr_assert(watch_for(10, true), "its death is not noticed");
}

Test(memif_link, one_that_is_killed_is_noticed_and_another_may_come, .fini = rig_remove_root,
     .timeout = 90)
{
    pid_t pids[2];
    int go[2];
    struct fail f;

    rig_make_root();
    snprintf(device, sizeof(device), "memif:%s/sock", rig_root);
    for (int i = 0; i < 2; i++)
        pids[i] = fork_client(&go[i]);
    open_memif(true);
    cr_assert(eq(int, io_wait_link(&io, 0, &f), 0), "who serves does not wait");
    rte_eal_remote_launch(chatter, NULL, io.lcores[0]);
    for (int i = 0; i < 2; i++)
        come_and_be_killed(pids[i], go[i]);
    cr_assert(lt(uint, 0, atomic_load(&turns)));
    atomic_store(&is_over, true);
    rte_eal_wait_lcore(io.lcores[0]);
    io_close(&io);
    cr_assert(eq(int, access(device + strlen("memif:"), F_OK), -1), "the socket is left behind");
}

Test(memif_link, a_server_that_is_slow_to_answer_is_asked_once, .fini = rig_remove_root,
     .timeout = 60)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);
    struct fail f;
    int asked;
    char c;

    rig_make_root();
    snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/sock", rig_root);
    cr_assert(eq(int, bind(fd, (const struct sockaddr *)&addr, sizeof(addr)), 0));
    cr_assert(eq(int, listen(fd, 8), 0));
    snprintf(device, sizeof(device), "memif:%s/sock", rig_root);
    open_memif(false);
    cr_assert(eq(int, io_wait_link(&io, 1000, &f), -1));
    rig_says(f, "turns us away");
    asked = accept(fd, NULL, NULL);
    cr_assert(ge(int, asked, 0));
    cr_assert(eq(int, (int)recv(asked, &c, 1, MSG_DONTWAIT), -1), "it hung up");
    cr_assert(eq(int, accept(fd, NULL, NULL), -1), "it asked again");
    io_close(&io);
}

Test(memif_link, a_client_says_what_it_waits_for, .fini = rig_remove_root, .timeout = 60)
{
    struct fail f;

    rig_make_root();
    snprintf(device, sizeof(device), "memif:%s/sock", rig_root);
    open_memif(false);
    cr_assert(io_awaits_peer(&io));
    cr_assert(eq(int, io_wait_link(&io, 30, &f), -1));
    cr_assert(eq(int, f.status, EXIT_HOST));
    rig_says(f, "no process serves");
    rig_says(f, "shakedown serve --device memif:");
    io_close(&io);
}
