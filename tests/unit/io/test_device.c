/* SPDX-License-Identifier: BSD-3-Clause */
#include "io_rig.h"

#include "base/units.h"
#include "io/device.h"

static const struct machine privileged = {.has_net_raw = true, .has_net_admin = true};
static const struct machine unprivileged = {0};

static void
parse(struct device *d, const char *text)
{
    struct fail f;

    cr_assert(eq(int, device_parse(d, text, 1, false, &f), 0), "%s", f.text);
}

Test(device, loopback_needs_nothing)
{
    struct device d;
    struct fail f;

    parse(&d, "loopback");
    cr_assert(eq(int, d.kind, DEVICE_LOOPBACK));
    cr_assert(not(d.needs_pci));
    cr_assert(eq(int, device_check(&d, &unprivileged, "", &f), 0));
}

Test(device, loopback_may_be_told_not_to_spread_as_a_nic_does)
{
    struct device d;
    struct fail f;

    parse(&d, "loopback");
    cr_assert(eq(int, d.rss_mode, DEVICE_RSS_TRUE));
    parse(&d, "loopback,rss=no");
    cr_assert(eq(int, d.kind, DEVICE_LOOPBACK));
    cr_assert(eq(int, d.rss_mode, DEVICE_RSS_HIDDEN));
    parse(&d, "loopback,rss=wrong");
    cr_assert(eq(int, d.rss_mode, DEVICE_RSS_WRONG));
    cr_assert(eq(int, device_parse(&d, "loopback,rss=yes", 1, false, &f), -1));
    cr_assert(eq(int, f.status, EXIT_USAGE));
    rig_says(f,
             "\"rss=yes\" is none of its arguments; allowed are csum=yes, rss=no, rss=wrong and");
}

Test(device, loopback_may_be_told_to_break_one_of_several_queues)
{
    struct device d;
    struct fail f;

    parse(&d, "loopback");
    cr_assert(eq(int, d.mute_queue, -1));
    cr_assert(eq(int, d.deaf_queue, -1));
    cr_assert(eq(int, device_parse(&d, "loopback,mute=1,deaf=0", 2, false, &f), 0));
    cr_assert(eq(int, d.mute_queue, 1));
    cr_assert(eq(int, d.deaf_queue, 0));
    cr_assert(eq(int, device_parse(&d, "loopback,mute=2", 2, false, &f), -1));
    rig_says(f, "\"mute=2\" is none of its arguments");
    cr_assert(eq(int, device_parse(&d, "loopback,mute=0", 1, false, &f), -1));
    cr_assert(eq(int, device_parse(&d, "loopback,mute=", 2, false, &f), -1));
    cr_assert(eq(int, device_parse(&d, "loopback,deaf=0x", 2, false, &f), -1));
}

Test(device, loopback_may_be_told_to_take_checksums_over)
{
    struct device d;

    parse(&d, "loopback,csum=yes");
    cr_assert(d.csum_offload);
    cr_assert(eq(int, d.rss_mode, DEVICE_RSS_TRUE));
    parse(&d, "loopback,rss=no,csum=yes");
    cr_assert(d.csum_offload);
    cr_assert(eq(int, d.rss_mode, DEVICE_RSS_HIDDEN));
}

Test(device, a_pci_address_gets_its_domain_and_keeps_its_arguments)
{
    struct device d;

    parse(&d, "3b:00.1,representor=0");
    cr_assert(eq(int, d.kind, DEVICE_PCI));
    cr_assert(eq(str, d.name, "0000:3b:00.1"));
    cr_assert(eq(str, d.args, "0000:3b:00.1,representor=0"));
    cr_assert(d.needs_pci);
}

Test(device, a_vdev_keeps_what_the_user_wrote)
{
    struct device d;

    parse(&d, "net_memif0,role=server,socket=/tmp/x");
    cr_assert(eq(int, d.kind, DEVICE_VDEV));
    cr_assert(eq(str, d.name, "net_memif0"));
    cr_assert(eq(str, d.args, "net_memif0,role=server,socket=/tmp/x"));
    cr_assert(eq(str, d.iface, ""));
}

Test(device, memif_plays_the_part_of_the_command)
{
    struct device d;
    struct fail f;

    cr_assert(eq(int, device_parse(&d, "memif:/run/x.sock", 1, true, &f), 0), "%s", f.text);
    cr_assert(eq(int, d.kind, DEVICE_VDEV));
    cr_assert(eq(str, d.name, "net_memif0"));
    cr_assert(d.memif.is_server);
    parse(&d, "memif:/run/x.sock");
    cr_assert(not(d.memif.is_server));
    cr_assert(eq(str, d.memif.socket, "/run/x.sock"));
}

static void
size(struct device *d, const char *text, const struct device_wants *changes)
{
    struct device_wants wants = *changes;

    wants.n_queues = 1;
    wants.frame_bytes = wants.frame_bytes > 0 ? wants.frame_bytes : 1518;
    parse(d, text);
    device_size(d, &wants);
}

Test(device, af_packet_gets_rings_that_fit_together)
{
    struct device d;

    size(&d, "net_af_packet0,iface=veth0", &(struct device_wants){0});
    cr_assert(eq(str, d.iface, "veth0"));
    cr_assert(eq(str, d.args,
                 "net_af_packet0,iface=veth0,framesz=2048,blocksz=65536,framecnt=4096,qpairs=1"));
    cr_assert(eq(u64, d.ring_bytes, 2 * 4096 * 2048));
}

Test(device, af_packet_keeps_the_rings_the_user_chose)
{
    struct device d;

    size(&d, "net_af_packet0,framecnt=512,iface=veth0,qpairs=2",
         &(struct device_wants){.takes_long = true});
    cr_assert(eq(str, d.args,
                 "net_af_packet0,framecnt=512,iface=veth0,qpairs=2,framesz=2048,blocksz=65536"));
    /* The driver takes the frames to lie one behind the other: whole pages with a whole number of
     * them, or it reads beside them. */
    size(&d, "net_af_packet0,iface=veth0,framesz=9216,qpairs=1",
         &(struct device_wants){.ring_bytes_max = 1 << 30});
    cr_assert(eq(str, d.args,
                 "net_af_packet0,iface=veth0,framesz=9216,qpairs=1,blocksz=73728,framecnt=2048"));
    cr_assert(eq(u32, d.frame_bytes, 9216 - 32));
    size(&d, "net_af_packet0,iface=veth0,framesz=0,qpairs=1",
         &(struct device_wants){0}); /* the driver objects, not we */
}

Test(device, frames_that_a_kernel_leaves_for_a_nic_to_cut_come_whole_where_they_may_come)
{
    struct device_wants wants = {.takes_long = true, .ring_bytes_max = 1 << 30};
    struct device d;

    size(&d, "net_af_packet0,iface=veth0", &wants);
    cr_assert(
        eq(str, d.args,
           "net_af_packet0,iface=veth0,framesz=65408,blocksz=2093056,framecnt=2048,qpairs=1"));
    cr_assert(eq(u32, d.frame_bytes, 65408 - 32));
    cr_assert(eq(u64, d.ring_bytes, 2 * 2048 * 65408));
    size(&d, "net_pcap0,iface=veth0", &wants);
    cr_assert(eq(u32, d.frame_bytes, 16128)); /* what libpcap is asked for */
    size(&d, "net_tap0", &wants);             /* the kernel has cut them before they come here */
    cr_assert(eq(u32, d.frame_bytes, 1518));
    size(&d, "0000:3b:00.0", &wants);
    cr_assert(eq(u32, d.frame_bytes, 1518));
    wants.takes_long = false;
    size(&d, "net_pcap0,iface=veth0", &wants);
    cr_assert(eq(u32, d.frame_bytes, 1518));
}

Test(device, a_memif_has_buffers_that_hold_a_whole_frame)
{
    struct device_wants wants = {0};
    struct device d;

    size(&d, "memif:/s,rsize=10", &wants);
    cr_assert(eq(ptr, strstr(d.args, "bsize"), NULL));
    cr_assert(eq(u64, d.ring_bytes, 0));
    wants.frame_bytes = 9018;
    size(&d, "memif:/s,rsize=10", &wants);
    cr_assert(ne(ptr, strstr(d.args, ",bsize=9216"), NULL), "%s", d.args);
    cr_assert(eq(u64, d.shared_bytes, 2 * 1024 * 9216));
    cr_assert(eq(u64, d.ring_bytes, 0), "nothing is locked");
    size(&d, "memif:/s,bsize=16384", &wants);
    cr_assert(eq(ptr, strstr(d.args, "9216"), NULL));
    cr_assert(eq(u32, d.frame_bytes, 16384 - 8));
}

Test(device, rings_for_long_frames_are_short_where_there_is_little_memory_and_then_not_at_all)
{
    struct device_wants wants = {.takes_long = true, .ring_bytes_max = 100 << 20};
    struct device d;

    size(&d, "net_af_packet0,iface=veth0", &wants);
    cr_assert(eq(str, d.args,
                 "net_af_packet0,iface=veth0,framesz=65408,blocksz=2093056,framecnt=512,qpairs=1"));
    wants.ring_bytes_max = 30 << 20;
    size(&d, "net_af_packet0,iface=veth0", &wants);
    cr_assert(eq(str, d.args,
                 "net_af_packet0,iface=veth0,framesz=2048,blocksz=65536,framecnt=4096,qpairs=1"));
    cr_assert(eq(u32, d.frame_bytes, 2048 - 32));
}

/* Then ours is the same from run to run. */
Test(device, a_driver_makes_its_mac_up_unless_the_user_names_one)
{
    static const struct {
        const char *text;
        bool makes_mac;
    } rows[] = {
        {"memif:/tmp/a.sock", true},
        {"net_memif0,role=client,socket=/tmp/a.sock", true},
        {"net_memif0,role=client,socket=/tmp/a.sock,mac=02:00:00:00:00:09", false},
        {"net_virtio_user0,path=/tmp/v", true},
        {"virtio_user0,path=/tmp/v,mac=02:00:00:00:00:09", false},
        {"net_vhost0,iface=/tmp/v", true},
        {"net_pcap0,rx_pcap=/tmp/a", true},
        {"net_tap0,iface=t0", true},
        {"net_null0", true},
        {"net_af_packet0,iface=lo", false},
        {"net_af_xdp0,iface=lo", false},
        {"0000:3b:00.0", false},
        {"loopback", false},
    };
    struct device d;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        parse(&d, rows[i].text);
        cr_assert(eq(int, d.makes_mac, rows[i].makes_mac), "%s", rows[i].text);
    }
}

Test(device, a_checksum_may_be_left_out_where_a_kernel_is_at_the_other_end_and_never_on_a_nic)
{
    static const struct {
        const char *text;
        bool may;
    } rows[] = {
        {"net_af_packet0,iface=lo", true},
        {"net_af_xdp0,iface=lo", true},
        {"net_tap0", true},
        {"net_pcap0,iface=lo", true},
        {"net_vhost0,iface=/s", true},
        {"0000:3b:00.0", false},
        {"net_virtio_user0,path=/s", true},
        {"memif:/s", false},
        {"loopback", false},
    };
    struct device d;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        parse(&d, rows[i].text);
        cr_assert(eq(int, d.quirks.peer_is_kernel, rows[i].may), "%s", rows[i].text);
    }
}

Test(device, vhosts_iface_is_a_socket_and_no_interface)
{
    struct device d;
    struct fail f;

    parse(&d, "net_vhost0,iface=/tmp/sock");
    cr_assert(eq(str, d.iface, ""));
    cr_assert(eq(int, device_check(&d, &unprivileged, "", &f), 0));
}

Test(device, bonding_in_mode_4_runs_lacp)
{
    struct device d;

    parse(&d, "net_bonding0,mode=4,slave=net_af_packet0");
    cr_assert(d.runs_lacp);
    parse(&d, "net_bonding0,mode=1,slave=net_af_packet0");
    cr_assert(not(d.runs_lacp));
    parse(&d, "net_failsafe0,mode=4");
    cr_assert(not(d.runs_lacp));
}

Test(device, virtio_user_connects_to_its_peer_or_waits_for_it)
{
    struct device d;

    parse(&d, "net_virtio_user0,path=/tmp/v");
    cr_assert(eq(str, d.peer_socket, "/tmp/v"));
    cr_assert(eq(str, d.socket, ""));
    parse(&d, "net_virtio_user0,path=/tmp/v,server=1");
    cr_assert(eq(str, d.peer_socket, ""));
    cr_assert(eq(str, d.socket, "/tmp/v"));
    parse(&d, "net_vhost0,iface=/tmp/v");
    cr_assert(eq(str, d.peer_socket, ""));
}

Test(device, virtio_user_wants_its_memory_in_few_files)
{
    struct device d;

    parse(&d, "virtio_user0,path=/tmp/sock");
    cr_assert(d.needs_single_file_segments);
}

Test(device, what_is_no_device_is_refused_with_a_suggestion)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"lopback", "did you mean loopback?"},
        {"net_af_paket0,iface=x", "did you mean net_af_packet0?"},
        {"net_menif0", "did you mean net_memif0?"},
        {"memif:", "memif:/run/shakedown.sock"},
        {"memif", "use loopback, memif:PATH"},
        {"something", "use loopback, memif:PATH, a PCI address"},
        {"0000:3b:00", "use loopback, memif:PATH, a PCI address"},
        {"", "no device is named"},
        {"net_af_packet0", "net_af_packet0,iface=NAME"},
        {"net_af_packet0,iface=", "net_af_packet0,iface=NAME"},
        {"lo", "net_af_packet0,iface=lo"},
    };

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct device d;
        struct fail f;

        cr_assert(eq(int, device_parse(&d, rows[i].text, 1, false, &f), -1), "%s", rows[i].text);
        cr_assert(eq(int, f.status, EXIT_USAGE));
        rig_says(f, rows[i].says);
    }
}

Test(device, a_text_too_long_for_eal_is_refused)
{
    char text[1024];
    struct device d;
    struct fail f;

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    cr_assert(eq(int, device_parse(&d, text, 1, false, &f), -1));
    cr_assert(eq(int, f.status, EXIT_USAGE));
    text[500] = '\0'; /* fits, but is still nothing; a name is cut, not overrun */
    cr_assert(eq(int, device_parse(&d, text, 1, false, &f), -1));
}

static void
check_fails(const char *text, const struct machine *m, const char *says)
{
    struct device d;
    struct fail f;

    parse(&d, text);
    cr_assert(eq(int, device_check(&d, m, "", &f), -1));
    cr_assert(eq(int, f.status, EXIT_HOST));
    rig_says(f, says);
}

Test(device, an_interface_must_exist)
{
    rig_new_network();
    check_fails("net_af_packet0,iface=veth7", &privileged,
                "there is no interface \"veth7\" here; there are: lo");
    check_fails("net_af_xdp0,iface=veth7", &privileged, "\"veth7\"");
    check_fails("net_af_packet0,iface=a_name_far_too_long_for_any", &privileged,
                "there is no interface");
}

Test(device, an_interface_must_be_up)
{
    rig_new_network();
    check_fails("net_af_packet0,iface=lo", &privileged, "ip link set lo up");
}

Test(device, an_interface_needs_privileges)
{
    struct device d;
    struct fail f;

    rig_new_network();
    rig_lo_up();
    check_fails("net_af_packet0,iface=lo", &unprivileged, "this process lacks both");
    check_fails("net_af_packet0,iface=lo", &(const struct machine){.has_net_admin = true},
                "this process lacks CAP_NET_RAW");
    check_fails("net_af_packet0,iface=lo", &(const struct machine){.has_net_raw = true},
                "this process lacks CAP_NET_ADMIN");
    parse(&d, "net_af_packet0,iface=lo");
    cr_assert(eq(int, device_check(&d, &privileged, "", &f), 0));
}

Test(device, a_tap_is_made_new)
{
    struct device d;
    struct fail f;

    rig_new_network();
    check_fails("net_tap0,iface=lo", &privileged, "busy");
    check_fails("net_tap0,iface=tap7", &unprivileged, "CAP_NET_ADMIN");
    parse(&d, "net_tap0,iface=tap7");
    cr_assert(eq(int, device_check(&d, &privileged, "", &f), 0));
    parse(&d, "net_tap0"); /* the driver names it */
    cr_assert(eq(int, device_check(&d, &privileged, "", &f), 0));
}
