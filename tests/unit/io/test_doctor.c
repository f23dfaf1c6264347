/* SPDX-License-Identifier: BSD-3-Clause */
/* Each row on a host where what it looks at is in order, and on one where it is not. */
#include "io_rig.h"

#include "io/device.h"
#include "io/doctor.h"
#include "io/doctor_rows.h"
#include "io/io.h"

#define NIC     "0000:3b:00.0"
#define NIC_DIR "/sys/bus/pci/devices/" NIC
#define HUGE    "/sys/kernel/mm/hugepages/hugepages-2048kB/"

/* A NIC of a driver that shares it with DPDK, and nothing that could be better but for what this
 * process's own CPUs are. */
static void
make_host(void)
{
    rig_make_root();
    rig_file(NIC_DIR "/class", "0x020000\n");
    rig_file(NIC_DIR "/numa_node", "0\n");
    rig_link(NIC_DIR "/driver", "../../../bus/pci/drivers/mlx5_core");
    rig_file("/proc/meminfo", "MemAvailable: 8388608 kB\n");
    rig_file("/proc/self/status", "CapEff:\t0000000000202000\n"); /* SYS_ADMIN, NET_RAW */
    rig_file(HUGE "nr_hugepages", "1024\n");
    rig_file(HUGE "free_hugepages", "1000\n");
    rig_file("/sys/kernel/iommu_groups/0/type", "DMA\n");
    rig_file("/sys/bus/pci/drivers/vfio-pci/bind", "");
    rig_file("/sys/devices/system/cpu/isolated", "0-1023\n");
    rig_file("/sys/devices/system/node/node0/cpulist", "0-1023\n");
}

TestSuite(doctor, .init = make_host, .fini = rig_remove_root);

static struct doctor d;

static void
examine(const char *device, unsigned lcores)
{
    struct io_opts opts = {.device = device, .eal = "", .lcores = lcores};
    struct fail f;

    cr_assert(eq(int, doctor_read_host(&d, &opts, rig_root, &f), 0), "%s", f.text);
}

static void
check_row(enum doctor_row_id id, enum doctor_state state, const char *says, const char *command)
{
    const struct doctor_row *r = &d.rows[id];

    cr_assert(r->is_looked_at, "%s", r->name);
    cr_assert(eq(str, (char *)doctor_state_name(r->state), (char *)doctor_state_name(state)), "%s",
              r->text);
    cr_assert(ne(ptr, strstr(r->text, says), NULL), "\"%s\" does not say \"%s\"", r->text, says);
    cr_assert(ne(ptr, strstr(r->command, command), NULL), "\"%s\" has no \"%s\"", r->command,
              command);
    if (state == DOCTOR_OK)
        cr_assert(eq(str, (char *)r->command, ""));
}

#define the_row_is_ok(id, says)               check_row(DOCTOR_##id, DOCTOR_OK, says, "")
#define the_row_warns(id, says, command)      check_row(DOCTOR_##id, DOCTOR_WARNING, says, command)
#define the_row_stops(id, says, command)      check_row(DOCTOR_##id, DOCTOR_STOP, says, command)
#define the_row_has_nothing_to_do_with_it(id) cr_assert(not(d.rows[DOCTOR_##id].is_looked_at))

Test(doctor, a_host_in_order_has_nothing_to_mend)
{
    examine(NIC, 1);
    the_row_is_ok(device, "bound to mlx5_core");
    the_row_is_ok(privileges, "NET_RAW, SYS_ADMIN");
    the_row_is_ok(iommu, "1 group");
    the_row_is_ok(userspace_drivers, "vfio-pci");
    the_row_is_ok(huge_pages, "2000 MiB free");
    the_row_is_ok(limits, "locked memory");
    the_row_is_ok(cpu_isolation, "CPU ");
    the_row_is_ok(cpu_frequency, "does not change it");
    the_row_is_ok(numa, "1 node");
    the_row_has_nothing_to_do_with_it(interface);
    the_row_has_nothing_to_do_with_it(port); /* nobody has opened it */
    cr_assert(eq(int, doctor_worst(&d), DOCTOR_OK));
}

Test(doctor, what_stops_a_run_is_told_in_its_words)
{
    struct machine m;
    struct device device;
    struct fail f;

    rig_file("/sys/bus/pci/devices/0000:3b:00.1/class", "0x020000\n");
    examine("3b:00.1", 1);
    the_row_stops(device, "has no driver", "dpdk-devbind.py -b vfio-pci 0000:3b:00.1");
    machine_read(&m, rig_root);
    cr_assert(eq(int, device_parse(&device, "3b:00.1", 1, false, &f), 0));
    cr_assert(eq(int, device_check(&device, &m, rig_root, &f), -1));
    cr_assert(eq(str, d.rows[DOCTOR_device].text, f.text));
    cr_assert(eq(int, doctor_worst(&d), DOCTOR_STOP));
    cr_assert(eq(uint, doctor_count(&d, DOCTOR_STOP), 1));
}

Test(doctor, what_is_no_device_is_refused_as_by_a_run)
{
    struct io_opts opts = {.device = "net_af_paket0", .eal = "", .lcores = 1};
    struct fail f;

    cr_assert(eq(int, doctor_read_host(&d, &opts, rig_root, &f), -1));
    cr_assert(eq(int, f.status, EXIT_USAGE));
    rig_says(f, "did you mean net_af_packet0");
}

Test(doctor, too_few_huge_pages_warn_and_stop_what_cannot_do_without)
{
    rig_file(HUGE "free_hugepages", "3\n");
    examine(NIC, 1);
    the_row_warns(huge_pages, "6 MiB free",
                  ">/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages");

    rig_file("/sys/bus/pci/devices/0000:3b:00.2/class", "0x020000\n");
    rig_link("/sys/bus/pci/devices/0000:3b:00.2/driver", "../../../bus/pci/drivers/igb_uio");
    examine("3b:00.2", 1);
    the_row_stops(huge_pages, "UIO driver, which needs huge pages", "/proc/sys/vm/nr_hugepages");
}

Test(doctor, the_command_for_huge_pages_leaves_those_in_use)
{
    unsigned long long pages = 0;

    rig_file(HUGE "nr_hugepages", "500\n");
    rig_file(HUGE "free_hugepages", "0\n");
    examine(NIC, 1);
    cr_assert(eq(int, sscanf(d.rows[DOCTOR_huge_pages].command, "echo %llu ", &pages), 1));
    cr_assert(lt(u64, 500 + 16, pages));
}

Test(doctor, a_machine_without_iommu_is_told_how_to_switch_it_on)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/sys/kernel/iommu_groups/0/type", rig_root);
    unlink(path);
    *strrchr(path, '/') = '\0';
    rmdir(path);
    examine(NIC, 1);
    the_row_warns(iommu, "vfio-pci takes no device", "intel_iommu=on");
    rig_file("/proc/cpuinfo", "processor\t: 0\nvendor_id\t: AuthenticAMD\n");
    examine(NIC, 1);
    the_row_warns(iommu, "vfio-pci takes no device", "--firmware-setup");
    examine("memif:/tmp/x.sock", 1);
    the_row_has_nothing_to_do_with_it(iommu);
}

Test(doctor, without_a_driver_for_dpdk_the_one_that_fits_is_named)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/sys/bus/pci/drivers/vfio-pci/bind", rig_root);
    unlink(path);
    *strrchr(path, '/') = '\0';
    rmdir(path);
    examine(NIC, 1);
    the_row_warns(userspace_drivers, "neither vfio-pci nor a UIO driver", "modprobe vfio-pci");
    rig_file("/sys/bus/pci/drivers/uio_pci_generic/bind", "");
    examine(NIC, 1);
    the_row_is_ok(userspace_drivers, "uio_pci_generic");
}

Test(doctor, an_ordinary_user_is_told_what_is_left)
{
    rig_file("/proc/self/status", "CapEff:\t0000000000000000\n");
    examine("loopback", 1);
    the_row_warns(privileges, "loopback and memif", "sudo");
}

/* All the CPUs this process may use. */
static unsigned
count_cpus(void)
{
    struct machine m;

    machine_read(&m, "");
    return m.n_cpus;
}

Test(doctor, more_workers_than_cpus_share_them)
{
    unsigned n = count_cpus();

    if (n >= 32)
        cr_skip("too many CPUs here for a device's queues");
    examine(NIC, n + 1);
    the_row_warns(cpus, "share", "--lcores");
    examine(NIC, n);
    the_row_is_ok(cpus, "for");
}

Test(doctor, workers_that_are_not_on_isolated_cpus_may_be_moved)
{
    rig_file("/sys/devices/system/cpu/isolated", "1000-1003\n");
    examine(NIC, 1);
    the_row_warns(cpu_isolation, "CPU 1000-1003 is isolated", "taskset -c 1000-1003 ");
    rig_file("/sys/devices/system/cpu/isolated", "\n");
    examine(NIC, 1);
    the_row_warns(cpu_isolation, "may run other programs", "");
}

Test(doctor, a_governor_other_than_performance_is_named)
{
    struct machine m;
    char path[128];

    machine_read(&m, "");
    snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/cpufreq/scaling_governor",
             m.cpus[0]);
    rig_file(path, "powersave\n");
    examine(NIC, 1);
    the_row_warns(cpu_frequency, "governor \"powersave\" on CPU ", "echo performance | tee ");
    rig_file(path, "performance\n");
    examine(NIC, 1);
    the_row_is_ok(cpu_frequency, "performance");
}

Test(doctor, workers_away_from_the_devices_node_are_told_its_cpus)
{
    rig_file("/sys/devices/system/node/node1/cpulist", "1022,1023\n");
    rig_file(NIC_DIR "/numa_node", "1\n");
    examine(NIC, 1);
    the_row_warns(numa, "on node 1, whose CPUs are 1022,1023", "taskset -c 1022,1023 ");
    rig_file(NIC_DIR "/numa_node", "0\n");
    examine(NIC, 1);
    the_row_is_ok(numa, "on node 0");
    rig_file(NIC_DIR "/numa_node", "-1\n");
    examine(NIC, 1);
    the_row_is_ok(numa, "not known");
}

Test(doctor, an_interface_with_addresses_of_the_kernel_is_told_to_lose_them)
{
    rig_new_network();
    rig_lo_up();
    examine("net_af_packet0,iface=lo", 1);
    the_row_warns(interface, "127.0.0.1", "ip address flush dev lo");
}

Test(doctor, an_interface_that_is_down_stops)
{
    rig_new_network();
    examine("net_af_packet0,iface=lo", 1);
    the_row_stops(device, "interface lo is down", "ip link set lo up");
    the_row_is_ok(interface, "lo, without an address");
}

/* -- ports that are open ------------------------------------------------------------------ */

static struct io_port_info info;
static const struct io_opts port_opts;

static struct doctor_port
port(void)
{
    info = (struct io_port_info){.mtu = 1500,
                                 .tx_ipv4_csum = true,
                                 .tx_tcp_csum = true,
                                 .tx_tso = true,
                                 .mac = {2, 0, 0, 0, 0, 7},
                                 .driver = "net_ixgbe"};
    return (struct doctor_port){.opts = &port_opts,
                                .info = &info,
                                .iface = "",
                                .is_pci = true,
                                .n_queues = 1,
                                .queues_max = 64,
                                .key_bytes = 40,
                                .table_size = 128,
                                .hashes_tcp4 = true,
                                .hashes_tcp6 = true,
                                .speed_mbps = 25000,
                                .is_full_duplex = true};
}

static void
look(const struct doctor_port *p)
{
    d = (struct doctor){0};
#define LOOK(name, title, looks) doctor_look_##name(p, &d.rows[DOCTOR_##name]);
    DOCTOR_PORT_ROWS(LOOK)
#undef LOOK
}

Test(doctor_port, a_port_in_order_is_described)
{
    struct doctor_port p = port();

    look(&p);
    the_row_is_ok(port, "net_ixgbe, MAC 02:00:00:00:00:07");
    the_row_is_ok(link, "up, 25000 Mbit/s, full duplex");
    the_row_is_ok(queues, "1 of 64 queue pairs");
    the_row_is_ok(rss, "key of 40 bytes, table of 128, types: TCP over IPv4 and IPv6");
    the_row_is_ok(offloads, "IPv4 checksum, TCP checksum, TSO");
    the_row_is_ok(mtu, "1500");
}

Test(doctor_port, a_link_that_is_missing_stops)
{
    struct doctor_port p = port();
    struct fail f;

    fail_set(&f, EXIT_HOST, "device x: no link; check the cable");
    p.link = &f;
    look(&p);
    the_row_stops(link, "device x: no link; check the cable", "");
}

Test(doctor_port, a_link_of_unknown_speed_is_up_and_one_that_is_half_duplex_warns)
{
    struct doctor_port p = port();

    p.speed_mbps = UINT32_MAX;
    p.is_full_duplex = false;
    look(&p);
    the_row_is_ok(link, "does not tell its speed");
    p.speed_mbps = 100;
    look(&p);
    the_row_warns(link, "half duplex", "");
}

Test(doctor_port, several_queues_without_rss_cost_speed)
{
    struct doctor_port p = port();

    p.n_queues = 2;
    p.table_size = 0;
    look(&p);
    the_row_warns(rss, "the port describes none, so", "--lcores 1");
    p = port();
    p.n_queues = 2; /* it does not let its key or its table be read */
    look(&p);
    the_row_warns(rss, "table of 128, types: TCP over IPv4 and IPv6, but not which", "--lcores 1");
    p = port();
    p.n_queues = 2;
    info.has_rss = true;
    p.hashes_tcp6 = false;
    look(&p);
    the_row_is_ok(rss, "types: TCP over IPv4");
}

Test(doctor_port, a_nic_without_checksums_costs_speed_and_no_other_device_is_asked)
{
    struct doctor_port p = port();
    struct io_opts none = {.no_offload = true};

    info.tx_tcp_csum = false;
    look(&p);
    the_row_warns(offloads, "TCP checksums are made in software", "");
    p.is_pci = false;
    look(&p);
    the_row_is_ok(offloads, "IPv4 checksum");
    p.is_pci = true;
    p.opts = &none;
    look(&p);
    the_row_is_ok(offloads, "--offload no");
}

Test(doctor_port, a_small_mtu_is_mended_where_the_kernel_has_the_interface)
{
    struct doctor_port p = port();

    info.mtu = 1400;
    p.iface = "veth0";
    look(&p);
    the_row_warns(mtu, "1400, less than Ethernet's 1500", "ip link set dev veth0 mtu 1500");
}

Test(doctor_port, one_that_does_not_open_is_told_in_the_drivers_words)
{
    struct fail f;

    make_host();
    examine(NIC, 1);
    fail_set(&f, EXIT_HOST, "0000:3b:00.0 is busy: another shakedown is using it");
    doctor_set_closed(&d, &f);
    the_row_stops(port, "busy", "");
    rig_remove_root();
}
