#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# DPDK 22.11 net_tap: in a Linux bridge the program is heard, and nothing that is sent to it arrives.
#
# A tap has two ends, the kernel's interface and the program's port, like the two ends of a cable; the taps of virtual
# machines have two addresses. net_tap gives the kernel's interface the port's own MAC address. That works between the
# program and this kernel. In a bridge the kernel takes the address of a member for its own: a broadcast goes out to the
# others, and what they send back is delivered to the bridge's own host, who drops it. No counter of the port's or the
# driver's tells.
#
# ARP is answered and then a SYN gets no answer: it looks like the program's fault. After the start give the kernel's
# end another address, `ip link set NAME address 02:00:00:00:00:77`; the port keeps its own. Needs: root, gcc, python3.
set -euo pipefail
dir=$(mktemp -d)
left=df-$$-l right=df-$$-r
port=
cleanup() {
    [ -z "$port" ] || kill "$port" || true
    wait
    ip netns del $left 2>>"$dir/log" || true
    ip netns del $right 2>>"$dir/log" || true
    rm -rf "$dir" "/var/run/dpdk/df-$$"
}
trap cleanup EXIT

get() { # PACKAGE=VERSION...: unpacked in $dir, not installed
    (cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download "$@" && for d in *.deb; do dpkg -x "$d" .; done)
}
get libdpdk-dev=22.11.11-0+deb12u1 libnuma1=2.0.16-1 libbsd0=0.11.7-2 libmd0=1.0.4-2 iproute2=6.1.0-3 \
    libbpf1=1:1.1.2-0+deb12u1 libmnl0=1.0.4-3
lib=$dir/usr/lib/x86_64-linux-gnu
export LD_LIBRARY_PATH=$lib PATH=$dir/sbin:$dir/bin:$PATH

cat >"$dir/port.c" <<'C'
#include <netinet/in.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <stdio.h>
#include <string.h>

enum { TYPE = 0x88b5 }; /* for experiments (IEEE 802) */

static void announce(struct rte_mempool *pool, const struct rte_ether_addr *mac)
{
    struct rte_mbuf *m = rte_pktmbuf_alloc(pool);
    struct rte_ether_hdr *eth = m == NULL ? NULL : (struct rte_ether_hdr *)rte_pktmbuf_append(m, 60);

    if (eth == NULL)
        return;
    memset(eth, 0, 60);
    memset(&eth->dst_addr, 0xff, sizeof eth->dst_addr);
    eth->src_addr = *mac;
    eth->ether_type = htons(TYPE);
    if (rte_eth_tx_burst(0, 0, &m, 1) != 1)
        rte_pktmbuf_free(m);
}

int main(int argc, char **argv) /* says its address, broadcasts, and writes a line for each frame to itself */
{
    struct rte_eth_conf conf = {0};
    struct rte_ether_addr mac;
    struct rte_mempool *pool;
    uint64_t next = 0;

    if (rte_eal_init(argc, argv) < 0)
        return 2;
    pool = rte_pktmbuf_pool_create("pool", 8191, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
    if (pool == NULL || rte_eth_dev_configure(0, 1, 1, &conf) != 0 ||
        rte_eth_rx_queue_setup(0, 0, 512, SOCKET_ID_ANY, NULL, pool) != 0 ||
        rte_eth_tx_queue_setup(0, 0, 512, SOCKET_ID_ANY, NULL) != 0 || rte_eth_dev_start(0) != 0)
        return 2;
    rte_eth_macaddr_get(0, &mac);
    printf("port " RTE_ETHER_ADDR_PRT_FMT "\n", RTE_ETHER_ADDR_BYTES(&mac));
    for (;;) {
        struct rte_mbuf *burst[32];
        uint16_t n = rte_eth_rx_burst(0, 0, burst, 32);

        for (uint16_t i = 0; i < n; i++) {
            struct rte_ether_hdr *eth = rte_pktmbuf_mtod(burst[i], struct rte_ether_hdr *);

            if (eth->ether_type == htons(TYPE) && rte_is_same_ether_addr(&eth->dst_addr, &mac))
                puts("frame");
            rte_pktmbuf_free(burst[i]);
        }
        if (rte_get_timer_cycles() > next) {
            announce(pool, &mac);
            next = rte_get_timer_cycles() + rte_get_timer_hz() / 5;
        }
        fflush(stdout);
        rte_delay_us_sleep(200);
    }
}
C
archives=()
for name in eal kvargs telemetry ring mempool mempool_ring mbuf net meter pci bus_pci bus_vdev ethdev rcu hash gso \
    net_tap; do
    archives+=("$lib/librte_$name.a")
done
gcc -O2 -march=corei7 -include rte_config.h -I"$dir/usr/include/dpdk" -I"$dir/usr/include/x86_64-linux-gnu/dpdk" \
    "$dir/port.c" -o "$dir/port" -Wl,--whole-archive "${archives[@]}" -Wl,--no-whole-archive \
    "$lib/libnuma.so.1" "$(find "$dir" -name libbsd.so.0)" -lm -Wl,-rpath-link,"$lib"

# tap0 and to-right are members of bridge0; the other end of the veth is the peer on the right.
ip netns add $left
ip netns add $right
ip -n $left link add name bridge0 type bridge
ip -n $left link add to-right type veth peer name to-left netns $right
ip -n $left link set to-right master bridge0 up
ip -n $left link set bridge0 up
ip -n $right link set to-left up
ip netns exec $left timeout 100 "$dir/port" --no-huge -m 128 --no-shconf --no-pci --no-telemetry -l 0 \
    --log-level error --file-prefix "df-$$" --vdev net_tap0,iface=tap0 >"$dir/out" 2>"$dir/log" &
port=$!
for _ in {1..200}; do
    if grep -q port "$dir/out"; then break; fi
    sleep 0.1
done
mac=$(awk '$1 == "port" {print tolower($2)}' "$dir/out")
kernel=$(ip -n $left -o link show tap0 | sed -n 's/.*link.ether \([0-9a-f:]*\).*/\1/p')
ip -n $left link set tap0 master bridge0

talk() { # sets heard to the frames of the port that the peer saw (one is enough) and got to those of 20 that came back
    local before
    before=$(grep -c frame "$dir/out" || true)
    heard=$(ip netns exec $right timeout 20 python3 -c '
import socket, sys
peer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x88B5))
peer.bind(("to-left", 0x88B5))
peer.settimeout(10)
mac = peer.recv(100)[6:12]
for _ in range(20):
    peer.send(mac + bytes.fromhex("02000000000188b5") + bytes(46))
print(int(mac.hex(":") == sys.argv[1]))' "$mac")
    sleep 1
    got=$(($(grep -c frame "$dir/out" || true) - before))
}
talk
same="$heard $got"
ip -n $left link set tap0 address 02:00:00:00:00:77
talk
other="$heard $got"

echo "version:  DPDK $(dpkg-deb -f "$dir"/libdpdk-dev_*.deb Version), Linux $(uname -r)"
echo "expected: the peer behind the bridge hears the port, and the port gets the 20 frames that come back"
echo "seen:     port $mac, kernel's end $kernel: heard ${same% *}, got ${same#* }"
echo "          port $mac, kernel's end 02:00:00:00:00:77: heard ${other% *}, got ${other#* }"

if [ "$kernel" = "$mac" ] && [ "$same|$other" = "1 0|1 20" ]; then echo "so it is"; else
    echo "no longer so"
    exit 1
fi
