#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# DPDK 22.11 net_af_packet: a frame longer than framesz arrives cut, as a good frame, and no counter tells.
#
# A Linux peer on a veth hands over TCP in pieces of up to 64 KiB, to be cut by a network card that is not there. The
# packet socket copies what fits (framesz, 2048 here as by default) and says how long the frame was; the driver looks
# at the copied length only. The application gets mbufs whose IP header claims many times their bytes. imissed,
# ierrors and rx_nombuf stay 0, and ibytes counts the cut bytes, so even the byte counters agree with what was seen.
#
# TCP on top sees a huge segment with a wrong checksum or a wrong length, drops it, and the peer sends it again and
# again: it looks like a broken sender. Switch tso and gso off at the peer (ethtool -K IF tso off gso off tx off), and
# compare the IP length with the mbuf's. Needs: root, gcc, python3, iproute2.
set -euo pipefail
dir=$(mktemp -d)
left=df-$$-l right=df-$$-r
pids=()
cleanup() {
    for pid in "${pids[@]}"; do kill "$pid" 2>>"$dir/log" || true; done
    wait
    ip netns del $left 2>>"$dir/log" || true
    ip netns del $right 2>>"$dir/log" || true
    rm -rf "$dir" "/var/run/dpdk/df-$$"
}
trap cleanup EXIT

get() { # PACKAGE=VERSION...: unpacked in $dir, not installed
    (cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download "$@" && for d in *.deb; do dpkg -x "$d" .; done)
}
version=22.11.11-0+deb12u1
get libdpdk-dev=$version libnuma1=2.0.16-1 libbsd0=0.11.7-2 libmd0=1.0.4-2
lib=$dir/usr/lib/x86_64-linux-gnu
export LD_LIBRARY_PATH=$lib

cat >"$dir/count.c" <<'C'
#include <netinet/in.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_version.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    struct rte_eth_conf conf = {0};
    struct rte_eth_stats stats;
    struct rte_mempool *pool;
    unsigned long frames = 0, cut = 0, bytes = 0, claimed = 0;
    uint64_t end;

    if (rte_eal_init(argc, argv) < 0)
        return 2;
    pool = rte_pktmbuf_pool_create("pool", 8191, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
    if (pool == NULL || rte_eth_dev_configure(0, 1, 1, &conf) != 0 ||
        rte_eth_rx_queue_setup(0, 0, 512, SOCKET_ID_ANY, NULL, pool) != 0 ||
        rte_eth_tx_queue_setup(0, 0, 512, SOCKET_ID_ANY, NULL) != 0 || rte_eth_dev_start(0) != 0)
        return 2;
    puts("ready");
    fflush(stdout);
    end = rte_get_timer_cycles() + 4 * rte_get_timer_hz();
    while (rte_get_timer_cycles() < end) {
        struct rte_mbuf *burst[32];
        uint16_t n = rte_eth_rx_burst(0, 0, burst, 32);

        for (uint16_t i = 0; i < n; i++) {
            const struct rte_ether_hdr *eth = rte_pktmbuf_mtod(burst[i], const struct rte_ether_hdr *);
            const struct rte_ipv4_hdr *ip = (const struct rte_ipv4_hdr *)(eth + 1);

            if (eth->ether_type == htons(RTE_ETHER_TYPE_IPV4)) {
                unsigned long whole = sizeof *eth + ntohs(ip->total_length);

                frames++;
                bytes += burst[i]->pkt_len;
                claimed += whole;
                cut += whole > burst[i]->pkt_len;
            }
            rte_pktmbuf_free(burst[i]);
        }
        if (n == 0)
            rte_delay_us_sleep(100);
    }
    rte_eth_stats_get(0, &stats);
    printf("%lu %lu %lu %lu %lu %s\n", frames, cut, bytes, claimed,
           (unsigned long)(stats.imissed + stats.ierrors + stats.rx_nombuf), rte_version());
    rte_eth_dev_stop(0);
    rte_eth_dev_close(0);
    rte_eal_cleanup();
    return 0;
}
C
# Static, so that no drivers of an installed DPDK are loaded as well.
archives=()
for name in eal kvargs telemetry ring mempool mempool_ring mbuf net meter pci bus_pci bus_vdev ethdev \
    net_af_packet; do
    archives+=("$lib/librte_$name.a")
done
gcc -O2 -march=corei7 -include rte_config.h -I"$dir/usr/include/dpdk" -I"$dir/usr/include/x86_64-linux-gnu/dpdk" \
    "$dir/count.c" -o "$dir/count" -Wl,--whole-archive "${archives[@]}" -Wl,--no-whole-archive \
    "$lib/libnuma.so.1" "$(find "$dir" -name libbsd.so.0)" -lm -Wl,-rpath-link,"$lib"

ip netns add $left
ip netns add $right
ip -n $left link add to-right type veth peer name to-left netns $right
ip -n $left addr add 198.18.0.1/24 dev to-right
ip -n $right addr add 198.18.0.2/24 dev to-left
ip -n $left link set to-right up
ip -n $right link set to-left up
ip netns exec $right timeout 60 python3 -c '
import socket
conn, _ = socket.create_server(("198.18.0.2", 9)).accept()
while conn.recv(1 << 20):
    pass' &
pids+=($!)
ip netns exec $right timeout 30 "$dir/count" --no-huge -m 128 --no-shconf --no-pci --no-telemetry -l 0 \
    --log-level error --file-prefix "df-$$" \
    --vdev net_af_packet0,iface=to-left,framecnt=4096,blocksz=65536,framesz=2048 >"$dir/out" 2>"$dir/log" &
count=$!
pids+=("$count")
for _ in {1..100}; do
    if grep -q ready "$dir/out"; then break; fi
    sleep 0.1
done
ip netns exec $left timeout 20 python3 -c '
import socket
with socket.create_connection(("198.18.0.2", 9)) as conn:
    conn.sendall(bytes(3000000))'
wait "$count" || { cat "$dir/log"; exit 1; }
read -r frames cut bytes claimed lost name < <(grep -v ready "$dir/out")

echo "version:  $name, peer Linux $(uname -r)"
echo "expected: long frames whole, or dropped and counted"
echo "seen:     $frames IPv4 frames, $cut of them cut: $bytes bytes in mbufs, $claimed by their IP headers;" \
    "missed, errors and no mbuf: $lost"

if [ "$cut" -gt 0 ] && [ "$claimed" -gt $((4 * bytes)) ] && [ "$lost" -eq 0 ]; then echo "so it is"; else
    echo "no longer so"
    exit 1
fi
