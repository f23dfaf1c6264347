# SPDX-License-Identifier: BSD-3-Clause
"""One guest with one emulated card, and the Linux at the other end of it.

The card ends in a tap (lab.SRV) in the network namespace "server", where servers and clients run. The guest's root is
the host's, read-only; one folder is shared. An agent in the guest runs scripts, and answers by a serial line."""

import glob
import json
import os
import re
import select
import shlex
import shutil
import socket
import subprocess
import tempfile
import time

import lab
from cases import Run

from nics import QUEUES

HERE = os.path.dirname(os.path.abspath(__file__))
SHARE = "/tmp/share"  # as the guest sees it
MEMORY_MIB, HUGE_PAGES = 2048, 512
BOOT_S, LIFE_S = 180, 1500  # emulation is slow, and the machine may have other things to do
COMMAND_S = 120
MAC = "52:54:00:12:34:56"

PEER4, PEER6 = "198.18.0.1", "2001:2:0:1::1"
LOCAL4, LOCAL6 = "198.18.0.10-198.18.0.29/24", "2001:2:0:1::10-2001:2:0:1::29/64"
VLAN = 7
VLAN_PEER4, VLAN_PEER6 = "198.18.7.1", "2001:2:0:7::1"
VLAN_LOCAL4, VLAN_LOCAL6 = "198.18.7.10-198.18.7.29/24", "2001:2:0:7::10-2001:2:0:7::29/64"
NOBODY = 65534


class Lost(Exception):
    """The guest does not answer any more."""


class Job:
    """A script that runs in the guest."""

    def __init__(self, guest, number):
        self.guest, self.number, self.status = guest, number, None

    def read(self, end):
        try:
            with open(self.guest.shared(f"{self.number}.{end}"), encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError:
            return ""

    def is_over(self):
        self.guest.listen(0)
        return self.status is not None

    def wait(self, timeout_s=COMMAND_S + 30):
        end = time.monotonic() + timeout_s
        while self.status is None:
            if time.monotonic() > end:
                raise Lost(f"no end of script {self.number} within {timeout_s} s")
            self.guest.listen(0.2)
        return self

    def interrupt(self):
        self.guest.run(f"kill -INT $(cat {SHARE}/{self.number}.pid)")


class Shakedown:
    """shakedown in the guest, as cases.Shakedown is on this machine. @user: who runs it; @limits: shell commands
    before it, such as ulimit."""

    history = []  # runs of the current cell

    def __init__(self, guest, *args, user=None, limits="", want_json=True):
        self.guest, self.command = guest, ["shakedown", *args]
        number = guest.next_number()
        words = [f"{SHARE}/shakedown", *args]
        self.json = guest.shared(f"{number}.json") if want_json else None
        if want_json:
            words += ["--json", f"{SHARE}/{number}.json"]
        if user is not None:
            words = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *words]
        self.began = time.monotonic()
        self.job = guest.start(f"{limits}\ncd /\nexec timeout -s INT -k 10 {COMMAND_S} {shlex.join(words)}", number)

    def interrupt(self):
        self.job.interrupt()

    def shows_row(self):
        return re.search(r"^ *[0-9.]+ s ", self.job.read("out"), re.MULTILINE) or self.job.is_over()

    def wait_for_row(self):
        """Until the live line has shown a second of the run, or it has ended."""
        lab.wait_until(self.shows_row, COMMAND_S)

    def finish(self):
        self.job.wait()
        result = None
        if self.json and os.path.exists(self.json):
            try:
                with open(self.json, encoding="utf-8") as file:
                    result = json.load(file)
            except ValueError:
                pass
        run = Run(self.command, self.job.status, self.job.read("out"), self.job.read("err"), result,
                  time.monotonic() - self.began)
        Shakedown.history.append(run)
        return run


class Guest:
    """Boots when entered, and is gone when left. @has_iommu: an Intel IOMMU is there, and no huge page is reserved."""

    def __init__(self, image, nic, program, tools, has_iommu=False):
        self.image, self.nic, self.program, self.has_iommu = image, nic, program, has_iommu
        self.place = lab.Lab(f"vm-{nic.name}", tools)
        self.folder = tempfile.mkdtemp(prefix="vm-", dir="/run")
        self.share = os.path.join(self.folder, "share")
        self.numbers, self.jobs, self.text = 0, {}, ""
        self.agent = self.child = None

    def __enter__(self):
        try:
            self.fill_share()
            self.make_network()
            self.boot()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.agent is not None:
            self.agent.close()
        self.place.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- the pieces --------------------------------------------------------------------------------

    def shared(self, name):
        return os.path.join(self.share, name)

    def fill_share(self):
        os.mkdir(self.share)
        os.chmod(self.share, 0o777)
        shutil.copy(self.program, self.shared("shakedown"))
        os.chmod(self.shared("shakedown"), 0o755)
        shutil.copy(os.path.join(HERE, "agent"), self.shared("agent"))
        shutil.copy(self.image.busybox, self.shared("busybox"))
        for name in self.nic.modules:
            module = self.image.module(name)
            if module:
                shutil.copy(module, self.shared(f"{name}.ko"))

    def make_network(self):
        lab.Lab.namespace(self.place, "server")
        more = ["multi_queue"] if self.nic.multiqueue_tap else []
        lab.quiet(["ip", "tuntap", "add", lab.SRV, "mode", "tap", *more], "server")
        lab.quiet(["ip", "link", "set", lab.SRV, "txqueuelen", "1000", "up"], "server")
        lab.address(lab.SRV, [f"{PEER4}/24", f"{PEER6}/64"], "server")
        vlan = f"{lab.SRV}.{VLAN}"
        if lab.has_vlan_devices():
            lab.quiet(["ip", "link", "add", "link", lab.SRV, "name", vlan, "type", "vlan", "id", str(VLAN)], "server")
            lab.quiet(["ip", "link", "set", vlan, "up"], "server")
        else:
            self.make_switch(vlan)
        lab.address(vlan, [f"{VLAN_PEER4}/24", f"{VLAN_PEER6}/64"], "server")

    def make_switch(self, vlan):
        self.place.cable("access0", vlan, "server", "server")
        lab.sysctl("net.ipv6.conf.access0.disable_ipv6", 1, "server")
        for end in ("access0", vlan):
            lab.honest_checksums(end, "server")
        child = self.place.spawn([os.path.join(self.place.tools, "access_port"), lab.SRV, "access0", str(VLAN)],
                                 "server", stdout=subprocess.PIPE, text=True)
        if child.process.stdout.readline().strip() != "ready":
            raise RuntimeError("access_port did not start")

    def qemu_command(self):
        taps = f",queues={QUEUES}" if self.nic.multiqueue_tap else ""
        at = "bus=root_port,addr=0" if self.nic.on_root_port else "addr=0x10"
        words = [*self.image.qemu(self.nic.model), "-M", "q35", "-accel", "tcg,thread=multi", "-cpu", "Nehalem",
                 "-smp", str(QUEUES), "-m", str(MEMORY_MIB), "-nodefaults", "-no-user-config", "-no-reboot", "-nographic",
                 "-serial", f"file:{self.folder}/console",
                 "-chardev", f"socket,id=agent,path={self.folder}/agent,server=on,wait=off", "-serial", "chardev:agent",
                 "-qmp", f"unix:{self.folder}/qmp,server=on,wait=off",
                 "-kernel", self.image.kernel, "-initrd", self.image.initrd,
                 "-fsdev", "local,id=root,path=/,security_model=none,readonly=on,multidevs=remap",
                 "-device", "virtio-9p-pci,fsdev=root,mount_tag=root,addr=0x8",
                 "-fsdev", f"local,id=share,path={self.share},security_model=none",
                 "-device", "virtio-9p-pci,fsdev=share,mount_tag=share,addr=0x9",
                 "-netdev", f"tap,id=tap,ifname={lab.SRV},script=no,downscript=no,vhost=off{taps}"]
        # An emulated processor that the host keeps waiting misses the ticks by which Linux checks its timer.
        append = "console=ttyS0 quiet panic=-1 mitigations=off no_timer_check"
        if self.has_iommu:
            words += ["-device", "intel-iommu"]
            append += " intel_iommu=on"
        else:
            append += f" hugepages={HUGE_PAGES}"
        if self.nic.on_root_port:
            words += ["-device", "pcie-root-port,id=root_port,chassis=1,addr=0x16"]
        model = self.nic.model + (self.nic.iommu if self.has_iommu else "")
        return [*words, "-device", f"{model},netdev=tap,id=nic,mac={MAC},romfile=,{at}", "-append", append]

    def boot(self):
        log = open(os.path.join(self.folder, "qemu"), "w", encoding="utf-8")
        self.child = self.place.spawn(["timeout", "-s", "KILL", str(LIFE_S), *self.qemu_command()], "server",
                                      stdout=log, stderr=log)
        log.close()
        path = os.path.join(self.folder, "agent")
        lab.wait_until(lambda: os.path.exists(path) or self.has_ended(), 20)
        if self.has_ended():
            raise Lost("\n".join(["QEMU did not start", *self.describe()]))
        self.agent = socket.socket(socket.AF_UNIX)
        self.agent.connect(path)
        self.jobs[0] = Job(self, 0)
        self.jobs[0].wait(BOOT_S)

    def has_ended(self):
        return self.child.process.poll() is not None

    def describe(self):
        """What QEMU and the guest's kernel had to say."""
        lines = []
        for name in ("qemu", "console"):
            try:
                with open(os.path.join(self.folder, name), encoding="utf-8", errors="replace") as file:
                    lines += [f"  {name}: {line}" for line in file.read().splitlines()[-15:]]
            except OSError:
                pass
        return lines

    # ---- commands ----------------------------------------------------------------------------------

    def listen(self, timeout_s):
        """Take what the agent says; at most @timeout_s."""
        if not select.select([self.agent], [], [], timeout_s)[0]:
            return
        try:
            data = self.agent.recv(4096)
        except OSError:
            data = b""
        if not data:
            raise Lost("\n".join(["the guest has ended", *self.describe()]))
        self.text += data.decode("ascii", errors="replace")
        *lines, self.text = self.text.split("\n")
        for line in lines:
            word, _, status = line.strip().partition(" ")
            number = 0 if word == "ready" else int(word)
            self.jobs[number].status = int(status)

    def next_number(self):
        self.numbers += 1
        return self.numbers

    def start(self, text, number=None):
        number = number or self.next_number()
        with open(self.shared(f"{number}.sh"), "w", encoding="utf-8") as file:
            file.write(f"echo $$ >{SHARE}/{number}.pid\n{text}\n")
        job = self.jobs[number] = Job(self, number)
        self.agent.sendall(f"{number}\n".encode("ascii"))
        return job

    def run(self, text, status=0):
        """A script that must end with @status; what it printed."""
        job = self.start(text).wait()
        if job.status != status:
            raise RuntimeError(f"in the guest: {text.strip()}: status {job.status}: {job.read('err')}{job.read('out')}")
        return job.read("out")

    def shakedown(self, *args, **options):
        return Shakedown(self, *args, **options).finish()

    def bind(self, driver):
        """Give the card to @driver of the kernel; None: to none."""
        device = f"/sys/bus/pci/devices/{self.nic.address}"
        self.run(f"[ ! -e {device}/driver ] || echo {self.nic.address} >{device}/driver/unbind")
        self.run(f"echo {driver or ''} >{device}/driver_override")
        if driver is not None:
            self.run(f"echo {self.nic.address} >/sys/bus/pci/drivers_probe\n"
                     f"[ $(basename $(readlink {device}/driver)) = {driver} ]")

    def load_kernel_driver(self):
        for name in self.nic.modules:
            if os.path.exists(self.shared(f"{name}.ko")):
                self.run(f"grep -q ^{name.replace('-', '_')} /proc/modules || {SHARE}/busybox insmod {SHARE}/{name}.ko")

    def set_link(self, is_up):
        """Pull or plug the cable."""
        with socket.socket(socket.AF_UNIX) as monitor:
            monitor.connect(os.path.join(self.folder, "qmp"))
            monitor.settimeout(30)
            answers = monitor.makefile("r")
            answers.readline()
            for command in ({"execute": "qmp_capabilities"},
                            {"execute": "set_link", "arguments": {"name": "nic", "up": is_up}}):
                monitor.sendall(json.dumps(command).encode("ascii"))
                line = answers.readline()
                while '"event"' in line:
                    line = answers.readline()
                if '"return"' not in line:
                    raise RuntimeError(f"QEMU: {line}")

    def forget_files(self):
        """Of the scripts that are over."""
        for path in glob.glob(self.shared("[0-9]*.*")):
            number = int(os.path.basename(path).split(".")[0])
            if self.jobs[number].status is not None:
                os.unlink(path)
