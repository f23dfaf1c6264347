/* SPDX-License-Identifier: BSD-3-Clause */
/* The device's life from end to end, and with it eal.c, port.c, loopback.c. EAL starts once in a
 * process, and Criterion gives each test its own. */
#include "io_rig.h"

#include <dirent.h>
#include <fcntl.h>

#include <rte_launch.h>

#include "io/io.h"
#include "io/loopback.h"
#include "io/queue.h"

static struct io io;

static int
try_open(const char *device, const char *eal, unsigned lcores, struct fail *f)
{
    struct io_opts opts = {.device = device, .eal = eal, .lcores = lcores, .needs_multicast = true};

    *f = (struct fail){0};
    return io_open(&io, &opts, f);
}

static unsigned
count_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    unsigned n = 0;

    while (readdir(dir) != NULL)
        n++;
    closedir(dir);
    return n;
}

Test(io, loopback_is_two_ports_with_a_queue_and_a_pool_each)
{
    struct fail f;

    cr_assert(eq(int, try_open("loopback", "", 1, &f), 0), "%s", f.text);
    cr_assert(eq(uint, io.n_ports, 2));
    cr_assert(eq(uint, io.n_queues, 1));
    cr_assert(eq(uint, io.n_workers, 2));
    cr_assert(ne(ptr, io.pools[0], io.pools[1]));
    cr_assert(ne(uint, io.ports[0].port_id, io.ports[1].port_id));
    cr_assert(eq(str, io.ports[0].driver, "net_ring"));
    cr_assert(eq(uint, io.ports[0].mtu, 1500));
    cr_assert(eq(uint, io.ports[0].mac[5], 1));
    cr_assert(eq(uint, io.ports[1].mac[0], 2));
    cr_assert(eq(uint, io.ports[1].mac[5], 2));
    cr_assert(not(io.ports[0].tx_tcp_csum));
    cr_assert(not(io.ports[0].has_rss));
    cr_assert(eq(int, io_wait_link(&io, 1000, &f), 0), "%s", f.text);
    cr_assert(eq(u64, io_rx_missed(&io, 0), 0));
    io_close(&io);
}

Test(io, nothing_is_put_on_disk_not_even_while_it_starts)
{
    bool had_dir = access("/var/run/dpdk", F_OK) == 0;
    struct fail f;

    cr_assert(eq(int, try_open("loopback", "", 1, &f), 0), "%s", f.text);
    cr_assert(eq(str, (char *)rte_eal_get_runtime_dir(), ""));
    cr_assert(eq(ptr, getenv("RUNTIME_DIRECTORY"), NULL));
    io_close(&io);
    cr_assert(eq(int, access("/var/run/dpdk", F_OK) == 0, had_dir));
}

Test(io, telemetry_has_its_socket_while_it_runs)
{
    char dir[] = "/tmp/shakedown-rig-XXXXXX", path[PATH_MAX];
    struct fail f;

    cr_assert(ne(ptr, mkdtemp(dir), NULL));
    setenv("RUNTIME_DIRECTORY", dir, 1);
    cr_assert(eq(int, try_open("loopback", "--telemetry --file-prefix=told", 1, &f), 0), "%s",
              f.text);
    snprintf(path, sizeof(path), "%s/dpdk/told/dpdk_telemetry.v2", dir);
    cr_expect(eq(int, access(path, F_OK), 0), "%s", path);
    io_close(&io);
    cr_expect(ne(int, access(path, F_OK), 0));
    *strrchr(path, '/') = '\0';
    cr_expect(ne(int, access(path, F_OK), 0), "%s is left", path);
    *strrchr(path, '/') = '\0';
    cr_expect(eq(int, rmdir(path), 0));
    cr_expect(eq(int, rmdir(dir), 0));
}

/* Without HOME, XDG_RUNTIME_DIR, or anything else in the environment. */
Test(io, an_empty_environment_and_an_odd_one_are_enough)
{
    struct fail f;

    clearenv();
    setenv("XDG_RUNTIME_DIR", "/nowhere", 1);
    setenv("RUNTIME_DIRECTORY", "/also/nowhere", 1);
    cr_assert(eq(int, try_open("loopback", "", 1, &f), 0), "%s", f.text);
    cr_assert(eq(str, getenv("RUNTIME_DIRECTORY"), "/also/nowhere"));
    io_close(&io);
}

static void
send_ping(struct io_queue *q)
{
    struct rte_mbuf *m = io_tx_take(q);

    cr_assert(ne(ptr, m, NULL));
    memcpy(io_tx_buf(m), "ping", 4);
    io_tx_put(q, m, 60, IO_PLAIN, 14);
    io_tx_flush(q);
}

static int
echo_worker(void *arg)
{
    struct io_queue *q = arg;
    struct rte_mbuf *pkts[IO_BURST];
    unsigned received = 0;

    cr_assert(eq(uint, rte_lcore_id(), io.lcores[q->port_id == io.ports[0].port_id ? 0 : 1]));
    if (q->port_id == io.ports[0].port_id) {
        send_ping(q);
    }
    while (received == 0)
        received = io_rx(q, pkts, IO_BURST);
    cr_assert(eq(int, memcmp(rte_pktmbuf_mtod(pkts[0], char *), "ping", 4), 0));
    io_recycle(q, pkts, 1);
    if (q->port_id == io.ports[1].port_id) {
        send_ping(q);
    }
    return 0;
}

Test(io, workers_run_on_their_lcores_and_meet)
{
    static struct io_queue queues[2];
    struct fail f;

    cr_assert(eq(int, try_open("loopback", "", 1, &f), 0), "%s", f.text);
    for (unsigned w = 0; w < 2; w++) {
        io_queue_init(&queues[w], &io, w);
        cr_assert(eq(int, rte_eal_remote_launch(echo_worker, &queues[w], io.lcores[w]), 0));
    }
    rte_eal_mp_wait_lcore();
    for (unsigned w = 0; w < 2; w++)
        io_queue_fini(&queues[w]);
    io_close(&io);
}

Test(io, more_workers_than_cpus_is_a_note_and_not_an_error)
{
    struct fail f;
    cpu_set_t set;
    int cpu = sched_getcpu();

    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    cr_assert(eq(int, sched_setaffinity(0, sizeof(set), &set), 0));
    cr_assert(eq(int, try_open("loopback", "", 1, &f), 0), "%s", f.text);
    cr_assert(ne(ptr, strstr(io.note, "2 workers share 1 CPU:"), NULL), "%s", io.note);
    cr_assert(io.shares_cpu[0]);
    cr_assert(io.shares_cpu[1]);
    io_close(&io);
}

/* Of four workers on three CPUs, the first and the last are together. */
Test(io, a_worker_knows_whether_its_cpu_is_its_own)
{
    struct fail f;
    cpu_set_t all, three;
    int n = 0;

    CPU_ZERO(&three);
    cr_assert(eq(int, sched_getaffinity(0, sizeof(all), &all), 0));
    for (int cpu = 0; cpu < CPU_SETSIZE && n < 3; cpu++) {
        if (CPU_ISSET(cpu, &all))
            CPU_SET(cpu, &three), n++;
    }
    if (n < 2)
        cr_skip("there is one CPU");
    cr_assert(eq(int, sched_setaffinity(0, sizeof(three), &three), 0));
    cr_assert(eq(int, try_open("loopback", "", 2, &f), 0), "%s", f.text);
    for (int w = 0; w < 4; w++)
        cr_assert(eq(int, io.shares_cpu[w], w >= n || w + n < 4), "worker %d of %d CPUs", w, n);
    io_close(&io);
}

Test(io, nothing_is_printed_on_success)
{
    FILE *out = tmpfile();
    int saved = dup(STDERR_FILENO);
    struct fail f;
    int ret;

    dup2(fileno(out), STDERR_FILENO);
    ret = try_open("loopback", "", 1, &f);
    if (ret == 0)
        io_close(&io);
    dup2(saved, STDERR_FILENO);
    cr_assert(eq(int, ret, 0), "%s", f.text);
    cr_assert(eq(int, (int)lseek(fileno(out), 0, SEEK_END), 0));
    fclose(out);
}

static void
open_fails(const char *device, const char *eal, unsigned lcores, enum exit_status status,
           const char *says)
{
    struct fail f;

    cr_assert(eq(int, try_open(device, eal, lcores, &f), -1));
    cr_assert(eq(int, f.status, status), "%s", f.text);
    rig_says(f, says);
    cr_assert(eq(int, io.devices[0].lock_fd, -1));
}

Test(io, no_worker_and_too_many_are_refused)
{
    open_fails("loopback", "", 0, EXIT_USAGE, "allowed: 1 to 16");
    open_fails("loopback", "", LOOPBACK_QUEUES_MAX + 1, EXIT_USAGE, "17 is out of range");
    open_fails("net_null0", "", 65, EXIT_USAGE, "allowed: 1 to 64");
}

Test(io, two_devices_are_a_port_each)
{
    struct io_opts opts = {
        .device = "net_null0", .server_device = "net_null1", .eal = "", .lcores = 2};
    struct fail f;

    cr_assert(eq(int, io_open(&io, &opts, &f), 0), "%s", f.text);
    cr_expect(eq(uint, io.n_ports, 2));
    cr_expect(eq(uint, io.n_queues, 2));
    cr_expect(eq(uint, io.n_workers, 4));
    cr_expect(ne(uint, io.ports[0].port_id, io.ports[1].port_id));
    cr_expect(ne(ptr, io.pools[1], io.pools[2]));
    cr_expect(eq(int, io_wait_link(&io, 1000, &f), 0), "%s", f.text);
    io_close(&io);
}

static void
pair_fails(const char *device, const char *server_device, unsigned lcores, const char *says)
{
    struct io_opts opts = {
        .device = device, .server_device = server_device, .eal = "", .lcores = lcores};
    struct fail f;

    cr_expect(eq(int, io_open(&io, &opts, &f), -1));
    cr_expect(eq(int, f.status, EXIT_USAGE), "%s", f.text);
    rig_says(f, says);
}

Test(io, two_devices_that_are_one_are_refused)
{
    pair_fails("net_null0", "net_null0", 1, "both are device net_null0");
    pair_fails("net_af_packet0,iface=lo", "net_af_packet1,iface=lo", 1, "both are device lo");
    pair_fails("net_null0", "loopback", 1, "'loopback' is both sides already");
    pair_fails("net_memif0,role=client", "net_memif1,role=client", 1, "a socket of its own");
    pair_fails("net_memif0,role=client,socket-abstract=no,socket=/tmp/a",
               "net_memif1,role=client,socket-abstract=no,socket=/tmp/a", 1, "a socket of its own");
    pair_fails("net_null0", "net_null1", 33, "allowed: 1 to 32");
}

Test(io, a_device_that_is_none_is_refused)
{
    open_fails("lopback", "", 1, EXIT_USAGE, "did you mean loopback?");
}

Test(io, an_interface_that_is_not_there_is_refused)
{
    open_fails("net_af_packet0,iface=nobody0", "", 1, EXIT_HOST,
               "there is no interface \"nobody0\"");
}

Test(io, a_failed_start_gives_the_device_back)
{
    unsigned before;

    rig_new_network();
    rig_lo_up();
    before = count_descriptors();
    open_fails("net_af_packet0,iface=lo", "'", 1, EXIT_USAGE, "quote");
    cr_assert(eq(uint, count_descriptors(), before));
}

Test(io, too_many_buffers_for_the_memory_are_refused_with_the_numbers)
{
    struct io_opts opts = {.device = "net_null0", .eal = "", .lcores = 4, .mbufs = 1u << 30};
    struct fail f;

    cr_assert(eq(int, io_open(&io, &opts, &f), -1));
    cr_assert(eq(int, f.status, EXIT_HOST));
    rig_says(f, "not enough memory for 4294967296 packet buffers (16777");
}

Test(io, eals_refusal_is_told_in_its_own_words)
{
    open_fails("net_null0", "--no-such-option", 1, EXIT_USAGE, "no-such-option");
}

Test(io, bad_quotes_in_eal_are_refused)
{
    open_fails("net_null0", "'", 1, EXIT_USAGE, "quote");
}

Test(io, a_drivers_refusal_is_told_in_its_own_words)
{
    open_fails("net_memif0,role=nobody", "", 1, EXIT_HOST, "net_memif0");
}

Test(io, memory_the_user_made_too_small_is_named)
{
    open_fails("loopback", "-m 16 --no-huge", 1, EXIT_HOST,
               "not enough memory for 16383 packet buffers");
}

/* net_null receives nothing but says of its queues what a NIC does. */
Test(io, a_ports_key_and_table_are_read_back_with_all_queues_by_turns)
{
    struct rss rss;
    struct fail f;

    cr_assert(eq(int, try_open("net_null0", "", 3, &f), 0), "%s", f.text);
    cr_assert(io.ports[0].has_rss);
    cr_assert(eq(uint, io.ports[0].rss.key_bytes, 40));
    cr_assert(eq(uint, io.ports[0].rss.reta_size, 128));
    for (unsigned i = 0; i < 128; i++)
        cr_assert(eq(uint, io.ports[0].rss.reta[i], i % 3));
    cr_assert(eq(int, rss_init(&rss, &io.ports[0].rss), 0));
    cr_assert(ne(ptr, io.handoff, NULL));
    io_close(&io);
}

Test(io, one_queue_is_not_spread_over)
{
    struct fail f;

    cr_assert(eq(int, try_open("net_null0", "", 1, &f), 0), "%s", f.text);
    cr_assert(not(io.ports[0].has_rss));
    cr_assert(eq(ptr, io.handoff, NULL));
    io_close(&io);
}

Test(io, a_device_with_too_few_queues_is_refused)
{
    rig_new_network();
    rig_lo_up();
    open_fails("net_af_packet0,iface=lo,qpairs=2", "", 3, EXIT_HOST,
               "has 2 queue pairs, not 3: use fewer --lcores");
}

Test(io, queues_without_a_known_spread_are_allowed)
{
    struct fail f;

    rig_new_network();
    rig_lo_up();
    cr_assert(eq(int, try_open("net_af_packet0,iface=lo", "", 2, &f), 0), "%s", f.text);
    cr_assert(not(io.ports[0].has_rss));
    cr_assert(ne(ptr, io.handoff, NULL));
    io_close(&io);
}

Test(io, an_interface_is_used_once_and_follows_its_mtu_and_link)
{
    static const char device[] = "net_af_packet0,iface=lo";
    struct ifreq req = {.ifr_name = "lo", .ifr_mtu = 1400};
    struct fail f;
    int fd;

    rig_new_network();
    rig_lo_up();
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    cr_assert(eq(int, ioctl(fd, SIOCSIFMTU, &req), 0));
    if (try_open(device, "", 1, &f) < 0 && strstr(f.text, "CAP_NET_RAW") != NULL)
        cr_skip("%s", f.text);
    cr_assert(eq(str, f.text, ""));
    cr_assert(eq(uint, io.ports[0].mtu, 1400));
    cr_assert(ge(int, io.devices[0].multicast_fd, 0));
    cr_assert(eq(int, io_wait_link(&io, 1000, &f), 0), "%s", f.text);
    {
        struct io second;
        struct io_opts opts = {.device = device, .eal = "", .lcores = 1};

        cr_assert(eq(int, io_open(&second, &opts, &f), -1));
        cr_assert(eq(int, f.status, EXIT_HOST));
        rig_says(f, "lo is busy");
    }
    req.ifr_flags = 0;
    cr_assert(eq(int, ioctl(fd, SIOCSIFFLAGS, &req), 0));
    cr_assert(eq(int, io_wait_link(&io, 30, &f), -1));
    rig_says(f, "no link; check the cable");
    io_close(&io);
    cr_assert(eq(int, io.devices[0].lock_fd, -1));
    close(fd);
}
