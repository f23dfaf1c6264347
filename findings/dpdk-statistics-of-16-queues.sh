#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# DPDK 22.11: ipackets and opackets of net_memif and net_null are the sum of their first 16 queues only.
#
# rte_eth_stats has room for the figures of 16 queues (RTE_ETHDEV_QUEUE_STAT_CNTRS), and totals of the port beside them:
# "total number of successfully received packets". Both drivers take many more queues, add up what fits into the small
# arrays, and give that as the total. With 20 queues, 20 packets on each, all sent and all received, a fifth is in no
# figure: of packets, of bytes, and of the extended statistics and telemetry, which are made of these. Nothing is said.
#
# It looks like loss, or like an uneven spread, and only on machines with many cores. Count in the application, or use
# 16 queues at most; rates by rte_eth_stats_get() (testpmd, telemetry, exporters) are too low. Needs: root,
# gcc.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir" "/var/run/dpdk/df-$$"' EXIT

get() { # PACKAGE=VERSION...: unpacked in $dir, not installed
    (cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download "$@" && for d in *.deb; do dpkg -x "$d" .; done)
}
get libdpdk-dev=22.11.11-0+deb12u1 libnuma1=2.0.16-1 libbsd0=0.11.7-2 libmd0=1.0.4-2
lib=$dir/usr/lib/x86_64-linux-gnu
export LD_LIBRARY_PATH=$lib

cat >"$dir/count.c" <<'C'
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EACH = 20 }; /* packets on each queue */

static unsigned drain(uint16_t port, uint16_t queue)
{
    struct rte_mbuf *burst[64];
    uint16_t n = rte_eth_rx_burst(port, queue, burst, 64);

    rte_pktmbuf_free_bulk(burst, n);
    return n;
}

int main(int argc, char **argv) /* EAL's arguments, --, number of queues */
{
    struct rte_eth_conf conf = {0};
    struct rte_eth_stats out, in;
    struct rte_mempool *pool;
    struct rte_eth_link link = {0};
    unsigned sent = 0, got = 0;
    int n = rte_eal_init(argc, argv);
    uint16_t ports = rte_eth_dev_count_avail(), queues, last = (uint16_t)(ports - 1);

    if (n < 0 || ports == 0)
        return 2;
    queues = (uint16_t)atoi(argv[n + 1]);
    pool = rte_pktmbuf_pool_create("pool", 32767, 0, 0, 2048 + RTE_PKTMBUF_HEADROOM, SOCKET_ID_ANY);
    for (uint16_t port = 0; port < ports; port++) {
        if (rte_eth_dev_configure(port, queues, queues, &conf) != 0)
            return 2;
        for (uint16_t q = 0; q < queues; q++)
            if (rte_eth_rx_queue_setup(port, q, 256, SOCKET_ID_ANY, NULL, pool) != 0 ||
                rte_eth_tx_queue_setup(port, q, 256, SOCKET_ID_ANY, NULL) != 0)
                return 2;
        if (rte_eth_dev_start(port) != 0)
            return 2;
    }
    for (int i = 0; i < 100 && link.link_status == 0; i++) {
        rte_delay_us_sleep(100000);
        rte_eth_link_get_nowait(last, &link);
    }
    for (uint16_t q = 0; q < queues; q++) {
        if (ports > 1)
            drain(last, q); /* a memif's receiver hands over its buffers with the first call */
        for (int i = 0; i < EACH; i++) {
            struct rte_mbuf *m = rte_pktmbuf_alloc(pool);

            memset(rte_pktmbuf_append(m, 60), 0, 60);
            sent += rte_eth_tx_burst(0, q, &m, 1);
        }
        got += drain(last, q);
    }
    rte_eth_stats_get(0, &out);
    rte_eth_stats_get(last, &in);
    printf("%u %u %lu %lu\n", sent, got, (unsigned long)out.opackets, (unsigned long)in.ipackets);
    return 0;
}
C
archives=()
for name in eal kvargs telemetry ring mempool mempool_ring mbuf net meter pci bus_pci bus_vdev ethdev rcu hash \
    net_memif net_null; do
    archives+=("$lib/librte_$name.a")
done
gcc -O2 -march=corei7 -include rte_config.h -I"$dir/usr/include/dpdk" -I"$dir/usr/include/x86_64-linux-gnu/dpdk" \
    "$dir/count.c" -o "$dir/count" -Wl,--whole-archive "${archives[@]}" -Wl,--no-whole-archive \
    "$lib/libnuma.so.1" "$(find "$dir" -name libbsd.so.0)" -lm -Wl,-rpath-link,"$lib"

all=
count() { # NAME QUEUES VDEV...: adds sent, got, opackets and ipackets to all
    local name=$1 queues=$2 vdevs=() v
    shift 2
    for v in "$@"; do vdevs+=(--vdev "$v"); done
    read -r sent got opackets ipackets < <(timeout 30 "$dir/count" --no-huge -m 512 --no-shconf --no-pci \
        --no-telemetry -l 0 --log-level error --file-prefix "df-$$" "${vdevs[@]}" -- "$queues" 2>"$dir/log") ||
        { cat "$dir/log"; exit 1; }
    all+="$sent $got $opackets $ipackets; "
    echo "          $name, $queues queues: $sent sent, $got received; opackets $opackets, ipackets $ipackets"
    rm -f "$dir/memif"
}
echo "version:  DPDK $(dpkg-deb -f "$dir"/libdpdk-dev_*.deb Version)"
echo "expected: opackets as sent, ipackets as received"
echo "seen:"
for queues in 16 20; do
    count memif $queues "net_memif0,role=server,socket=$dir/memif,socket-abstract=no" \
        "net_memif1,role=client,socket=$dir/memif,socket-abstract=no"
done
count null 20 net_null0

if [ "$all" = "320 320 320 320; 400 400 320 320; 400 1280 320 1024; " ]; then echo "so it is"; else
    echo "no longer so"
    exit 1
fi
