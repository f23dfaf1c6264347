# SPDX-License-Identifier: BSD-3-Clause
"""The lab of the system tests: namespaces, a veth pair, children, and what the kernel counted.

A test that needs a network starts itself again inside namespaces of its own (network, mount and
process). The generator's end is in there, servers and routers are in further network namespaces whose
names exist only in there too. So nothing the test makes can be seen from the host, and when the test
ends, however it ends, the kernel takes all of it away.
"""

import atexit
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

SKIPPED = 77  # meson's status for a test that could not run

GEN = "gen0"  # the generator's end of the veth pair; the kernel must not answer on it
SRV = "srv0"  # the other end, in the namespace "server"
SERVER4, SERVER6 = "198.18.0.1", "2001:2::1"
LOCAL4, LOCAL6 = "198.18.0.10-198.18.0.29/15", "2001:2::10-2001:2::29/48"

# With a router between: the generator's network, the server's, and that of a kernel beside the generator.
NEAR4, NEAR6 = "198.18.0.10-198.18.0.29/24", "2001:2:0:1::10-2001:2:0:1::29/64"
FAR4, FAR6 = "198.19.0.1", "2001:2:0:2::1"
ROUTER4, ROUTER6 = "198.18.0.254", "2001:2:0:1::fe"
GATEWAY4, GATEWAY6 = ("--gateway", ROUTER4), ("--gateway", ROUTER6)
GATEWAYS = GATEWAY4 + GATEWAY6
TO_GEN, TO_SRV, TO_KERNEL = "r0", "r1", "r2"  # the router's interfaces


def is_ordinary_user():
    """Also one who is root in a user namespace only."""
    with open("/proc/self/uid_map", encoding="ascii") as file:
        return os.geteuid() != 0 or file.read().split()[1] != "0"


# The rings are locked memory, 4 KiB a frame for both ways; an ordinary user may lock 8 MiB.
FRAMES = 1024 if is_ordinary_user() else 4096
DEVICE = f"net_af_packet0,iface={GEN},framecnt={FRAMES},blocksz=65536,framesz=2048"

PCAP_FILES, PCAP_KB = 2, 20000  # a recording is a ring: the last 40 MB at most


class Skip(Exception):
    """The host cannot do what the case needs; the text says what is missing."""


def skip(reason):
    print(f"skipped: {reason}", file=sys.stderr)
    sys.exit(SKIPPED)


def is_inside():
    return os.environ.get("SHAKEDOWN_LAB") == "inside"


def take_two_cpus():
    """shakedown takes the first CPUs that it may run on: on a large machine, where many tests run side by side, not all
    are to have the same ones."""
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) > 3:
        first = 2 * (os.getpid() % (len(cpus) // 2))
        os.sched_setaffinity(0, cpus[first:first + 2])


def enter(optional=False):
    """Start this script again in namespaces of its own. Where the host refuses: skip the test, or, when
    @optional, go on as we are."""
    if is_inside():
        settle()
        return
    take_two_cpus()
    flags = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if os.geteuid() != 0:
        flags[:0] = ["--user", "--map-root-user"]
    try:
        probe = subprocess.run(
            ["unshare", *flags, "sh", "-ec", "mount -t tmpfs tmpfs /run; ip netns add probe"],
            capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        probe = subprocess.CompletedProcess([], 1, "", str(error))
    if probe.returncode != 0:
        if optional:
            return
        skip(f"cannot make a network namespace here: {probe.stderr.strip()}")
    os.environ["SHAKEDOWN_LAB"] = "inside"
    os.execvp("unshare", ["unshare", *flags, sys.executable, *sys.argv])


def settle():
    """Make the new namespaces fit to live in: own /run, /dev/shm and /sys, loopback up."""
    for path in ("/run", "/dev/shm"):
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", path], check=True)
    # A user namespace may not be allowed to; then only the steering of softirqs is lost.
    subprocess.run(["mount", "-t", "sysfs", "sysfs", "/sys"], capture_output=True, check=False)
    os.makedirs("/run/netns", exist_ok=True)
    quiet(["ip", "link", "set", "lo", "up"])
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))


def require(*programs):
    for program in programs:
        if shutil.which(program) is None:
            raise Skip(f"{program} is not installed")


def quiet(command, ns=None):
    """Run a set-up command that must work; return what it printed."""
    done = subprocess.run(in_ns(command, ns), capture_output=True, text=True, timeout=30, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(in_ns(command, ns))}: {done.stderr.strip()}")
    return done.stdout


def in_ns(command, ns):
    return ["ip", "netns", "exec", ns, *command] if ns else list(command)


def sysctl(key, value, ns=None):
    quiet(["sysctl", "-qw", f"{key}={value}"], ns)


def threads_of(pid):
    """What the kernel says of each thread: its user, its group, and its capabilities."""
    rows = set()
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/status", encoding="ascii") as file:
            fields = dict(line.split(":", 1) for line in file)
        rows.add((*fields["Uid"].split(), *fields["Gid"].split(), *fields["Groups"].split(),
                  *(int(fields[name], 16) for name in ("CapEff", "CapPrm", "CapAmb"))))
    return rows


def ask_telemetry(path, command):
    """What DPDK's telemetry answers; None: nothing."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.settimeout(10)
        s.connect(path)
        s.recv(4096)
        s.send(command.encode())
        return json.loads(s.recv(65536))[command.split(",")[0]]


def script(name):
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), name)


class Child:
    """A process of the lab; ended by its own id, and always ended."""

    def __init__(self, command, ns=None, **popen):
        self.command = in_ns(command, ns)
        popen.setdefault("stdin", subprocess.DEVNULL)
        self.process = subprocess.Popen(self.command, **popen)

    def stop(self, sig=signal.SIGTERM, patience_s=10):
        if self.process.poll() is None:
            self.process.send_signal(sig)
            try:
                self.process.wait(patience_s)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode


class Lab:
    """What one case needs: made on request, released at its end in reverse order."""

    def __init__(self, name="lab", tools="."):
        self.name = name
        self.tools = tools  # folder of the compiled helpers
        self.children = []
        self.namespaces = []
        self.links = []
        self.recording = None
        self.recorder = None
        atexit.register(self.close)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        atexit.unregister(self.close)
        for child in reversed(self.children):
            child.stop()
        for link in self.links:  # takes the other end along
            subprocess.run(["ip", "link", "del", link], capture_output=True, check=False)
        for ns in self.namespaces:
            subprocess.run(["ip", "netns", "del", ns], capture_output=True, check=False)
        self.children, self.links, self.namespaces = [], [], []

    def spawn(self, command, ns=None, **popen):
        child = Child(command, ns, **popen)
        self.children.append(child)
        return child

    def namespace(self, ns):
        quiet(["ip", "netns", "add", ns])
        self.namespaces.append(ns)
        quiet(["ip", "link", "set", "lo", "up"], ns)
        # Addresses are usable at once: a router cannot ask for its neighbours while its own is tried.
        for scope in ("all", "default"):
            sysctl(f"net.ipv6.conf.{scope}.accept_dad", 0, ns)
        sysctl("net.core.somaxconn", 65535, ns)
        sysctl("net.ipv4.tcp_max_syn_backlog", 65535, ns)
        # ICMP errors are the subject of some cases: no rate limit on them.
        sysctl("net.ipv4.icmp_ratemask", 0, ns)
        sysctl("net.ipv6.icmp.ratelimit", 0, ns)
        return ns

    def cable(self, a, b, ns_a=None, ns_b=None):
        """A veth pair from @a in @ns_a to @b in @ns_b, both up. On the generator's end the kernel is
        kept from speaking before it could."""
        quiet(["ip", "link", "add", "name", a, "type", "veth", "peer", "name", b])
        for link, ns in ((a, ns_a), (b, ns_b)):
            if ns:
                quiet(["ip", "link", "set", "dev", link, "netns", ns])
            else:
                self.links.append(link)
        if GEN in (a, b):
            sysctl(f"net.ipv6.conf.{GEN}.disable_ipv6", 1)
        for link, ns in ((a, ns_a), (b, ns_b)):
            quiet(["ip", "link", "set", "dev", link, "up"], ns)

    def pair(self, vlan=None, addresses=(f"{SERVER4}/15", f"{SERVER6}/48"), ns="server", offloads=False, steered=True):
        """The usual wire: the generator's end here, without an address; the kernel's end in @ns. With
        @offloads that kernel leaves checksums and segmentation to a NIC, as it does unless it is told;
        without @steered each frame is received where it was sent, as Linux has it."""
        self.namespace(ns)
        if vlan is not None and not has_vlan_devices():
            self.switched_pair(vlan, ns)
            interface = SRV
        else:
            self.cable(GEN, SRV, ns_b=ns)
            interface = SRV if vlan is None else f"{SRV}.{vlan}"
        if not offloads:
            honest_checksums(SRV, ns)
        if steered:
            steer_softirq(SRV, ns)
        if interface != SRV:
            quiet(["ip", "link", "add", "link", SRV, "name", interface, "type", "vlan",
                   "id", str(vlan)], ns)
            quiet(["ip", "link", "set", "dev", interface, "up"], ns)
        address(interface, addresses, ns)

    def routed(self, mtu=None, kernel=False):
        """The generator's end, a router ("router"), and a server ("server") at FAR4 and FAR6. The router
        forwards no packet longer than @mtu, and says so. With @kernel there is a namespace "kernel" on a
        third network, which reaches the server by the same router."""
        for ns in ("router", "server"):
            self.namespace(ns)
        for key in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"):
            sysctl(key, 1, "router")
        self.cable(GEN, TO_GEN, ns_b="router")
        self.cable(TO_SRV, SRV, "router", "server")
        networks = [(TO_GEN, "198.18.0", "2001:2:0:1:", None), (TO_SRV, "198.19.0", "2001:2:0:2:", "server")]
        if kernel:
            self.namespace("kernel")
            self.cable(TO_KERNEL, "kernel0", "router", "kernel")
            networks.append((TO_KERNEL, "198.18.1", "2001:2:0:3:", "kernel"))
        for port, net4, net6, ns in networks:
            honest_checksums(port, "router")
            address(port, [f"{net4}.254/24", f"{net6}:fe/64"], "router")
            if mtu:  # before the kernel's own route, which for IPv4 has no metric
                for net, metric in ((f"{net4}.0/24", "0"), (f"{net6}:/64", "1")):
                    quiet(["ip", "route", "replace", net, "dev", port, "metric", metric, "mtu", str(mtu)],
                          "router")
            if ns:
                host = SRV if ns == "server" else f"{ns}0"
                honest_checksums(host, ns)
                address(host, [f"{net4}.1/24", f"{net6}:1/64"], ns)
                for gateway in (f"{net4}.254", f"{net6}:fe"):
                    quiet(["ip", "route", "add", "default", "via", gateway], ns)

    def lose(self, to_server=0, to_client=0):
        """Have the router of routed() drop so many of ten thousand TCP segments that go to the server,
        and of those that come from there."""
        rules = [f'{side}ifname "{TO_SRV}" meta l4proto tcp numgen random mod 10000 < {n} counter drop'
                 for side, n in (("o", to_server), ("i", to_client)) if n > 0]
        self.rules("table inet loss\ndelete table inet loss\ntable inet loss { chain forward {\n"
                   "type filter hook forward priority 0\n" + "\n".join(rules) + "\n}\n}\n", "router")

    def lost(self):
        """How many segments the rules of lose() have dropped."""
        text = quiet(["nft", "list", "table", "inet", "loss"], "router")
        return sum(int(n) for n in re.findall(r"counter packets (\d+)", text))

    def switched_pair(self, vlan, ns):
        """GEN on the trunk of a switch, SRV on an access port of @vlan: what the generator sees is the
        same as from a VLAN device at the other end."""
        switch = self.namespace("switch")
        self.cable(GEN, "trunk0", ns_b=switch)
        self.cable("access0", SRV, switch, ns)
        for port in ("trunk0", "access0"):
            sysctl(f"net.ipv6.conf.{port}.disable_ipv6", 1, switch)
        child = self.spawn([os.path.join(self.tools, "access_port"), "trunk0", "access0", str(vlan)], switch,
                           stdout=subprocess.PIPE, text=True)
        if child.process.stdout.readline().strip() != "ready":
            raise RuntimeError("access_port did not start")

    def networks(self, vlans):
        """GEN on the trunk of a switch with a server's namespace on an access port for each VLAN of @vlans, by
        name: 7, or "100.7" of 802.1ad before 802.1Q. Where this kernel has VLAN devices they are at GEN's other
        end instead. The server's interface is SRV in each."""
        switch = self.namespace("switch")
        self.cable(GEN, "trunk0", ns_b=switch)
        sysctl("net.ipv6.conf.trunk0.disable_ipv6", 1, switch)
        for ns, vlan in vlans.items():
            self.namespace(ns)
            if has_vlan_devices():
                self.vlan_device(str(vlan), switch, ns)
            else:
                self.access_port(str(vlan), switch, ns)
            honest_checksums(SRV, ns)

    def vlan_device(self, vlan, switch, ns):
        at = "trunk0"
        for vid in vlan.split("."):
            proto = "802.1ad" if at == "trunk0" and "." in vlan else "802.1Q"
            name = SRV if vid == vlan.split(".")[-1] else f"v{vid}"
            quiet(["ip", "link", "add", "link", at, "name", name, "type", "vlan", "proto", proto, "id", vid], switch)
            quiet(["ip", "link", "set", "dev", name, "up"], switch)
            at = name
        quiet(["ip", "link", "set", "dev", SRV, "netns", ns], switch)
        quiet(["ip", "link", "set", "dev", SRV, "up"], ns)

    def access_port(self, vlan, switch, ns):
        port = f"to-{ns}"
        self.cable(port, SRV, switch, ns)
        sysctl(f"net.ipv6.conf.{port}.disable_ipv6", 1, switch)
        child = self.spawn([os.path.join(self.tools, "access_port"), "trunk0", port, vlan], switch,
                           stdout=subprocess.PIPE, text=True)
        if child.process.stdout.readline().strip() != "ready":
            raise RuntimeError("access_port did not start")

    def record(self, interface=SRV, ns="server", snap=160):
        """Record @interface, @snap bytes of a frame (0: all); kept by keep_recording() only. Without dumpcap
        there is none."""
        if shutil.which("dumpcap") is None:
            return
        self.recording = f"/run/{self.name}.pcapng"
        self.recorder = self.spawn(
            ["dumpcap", "-q", "-s", str(snap), "-i", interface, "-w", self.recording,
             "-b", f"filesize:{PCAP_KB}", "-b", f"files:{PCAP_FILES}"],
            ns, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: recordings(self.recording) or self.recorder.process.poll() is not None, 5)

    def keep_recording(self, directory):
        if self.recording is None:
            return
        self.recorder.stop(signal.SIGINT)
        os.makedirs(directory, exist_ok=True)
        for path in recordings(self.recording):
            kept = shutil.copy(path, directory)
            print(f"  recorded: {kept}")

    def rules(self, text, ns):
        """Load nftables rules into @ns."""
        require("nft")
        done = subprocess.run(in_ns(["nft", "-f", "-"], ns), input=text, capture_output=True,
                              text=True, timeout=30, check=False)
        if "not supported" in done.stderr or "No such file" in done.stderr:
            raise Skip(f"this kernel lacks something the rules need: {done.stderr.strip()}")
        if done.returncode != 0:
            raise RuntimeError(f"nft: {done.stderr.strip()}")


def recordings(path):
    stem = os.path.basename(path).rsplit(".", 1)[0]
    folder = os.path.dirname(path)
    ours = re.compile(re.escape(stem) + r"_\d{5}_")  # the number of the file in the ring
    return [os.path.join(folder, f) for f in sorted(os.listdir(folder)) if ours.match(f)]


def has_vlan_devices():
    """Whether this kernel has 802.1Q devices: tried on the namespace's own loopback."""
    made = subprocess.run(["ip", "link", "add", "link", "lo", "name", "probe.7", "type", "vlan", "id", "7"],
                          capture_output=True, text=True, check=False)
    if made.returncode == 0:
        quiet(["ip", "link", "del", "probe.7"])
    return "Unknown device type" not in made.stderr


def honest_checksums(interface, ns=None):
    """The kernel leaves checksums to the device, and veth has none: let it finish them itself. Every
    frame one packet of the wire's size."""
    require("ethtool")
    for feature in ("tx", "gso", "tso", "gro"):
        quiet(["ethtool", "-K", interface, feature, "off"], ns)


def steer_softirq(interface, ns=None):
    """Have the kernel's end receive on the last CPU, or the generator's core pays for it. A matter of
    speed only: a host that does not allow it is fine."""
    cpus = sorted(os.sched_getaffinity(0))
    mask = f"{1 << (cpus[-1] % 32):x}" if cpus[-1] < 32 else "1"
    subprocess.run(
        in_ns(["sh", "-c", f"echo {mask} > /sys/class/net/{interface}/queues/rx-0/rps_cpus"], ns),
        capture_output=True, check=False)


def address(interface, addresses, ns=None):
    for a in addresses:
        nodad = ["nodad"] if ":" in a else []
        quiet(["ip", "address", "add", a, "dev", interface, *nodad], ns)


def frames_received(interface=SRV, ns="server"):
    text = quiet(["ip", "-s", "-j", "link", "show", "dev", interface], ns)
    return json.loads(text)[0]["stats64"]["rx"]["packets"]


def kernel_counters(ns="server"):
    """What the kernel of @ns counted, by names like TcpPassiveOpens and TcpExtListenOverflows."""
    counters = {}
    lines = quiet(["cat", "/proc/net/snmp", "/proc/net/netstat"], ns).splitlines()
    for names, values in zip(lines[0::2], lines[1::2]):
        group, _, names = names.partition(":")
        for name, value in zip(names.split(), values.partition(":")[2].split()):
            counters[group + name] = int(value)
    return counters


def kernel_delta(before, ns="server"):
    return {name: value - before.get(name, 0) for name, value in kernel_counters(ns).items()}


def wait_until(condition, timeout_s, step_s=0.02):
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(step_s)
    return bool(condition())


def after(delay_s, action):
    """Do @action on another thread in @delay_s seconds; join() the returned thread."""
    timer = threading.Timer(delay_s, action)
    timer.daemon = True
    timer.start()
    return timer


def when(condition, action, timeout_s=30):
    """Do @action on another thread when @condition holds; join() the returned thread."""
    thread = threading.Thread(target=lambda: wait_until(condition, timeout_s) and action(), daemon=True)
    thread.start()
    return thread


def end_by_signal(signum, _):
    raise SystemExit(128 + signum)


for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, end_by_signal)
