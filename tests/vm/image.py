# SPDX-License-Identifier: BSD-3-Clause
"""What a guest is made of: Debian's kernel, a small initrd with its modules, and, where the installed QEMU is too old
for a card, a newer one that is unpacked beside it. All of it is made once, in one folder; nothing is installed."""

import glob
import lzma
import os
import re
import shutil
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
QEMU = "qemu-system-x86_64"
QEMU_PACKAGES = ("qemu-system-x86", "qemu-system-common", "qemu-system-data")
QEMU_MODULES = "/usr/lib/x86_64-linux-gnu/qemu"

# Parts of the kernel package: what the guest itself needs, and the kernel's drivers of the cards.
TREES = ("drivers/uio", "drivers/vfio", "drivers/virtio", "drivers/net", "drivers/i2c", "drivers/dca", "drivers/ptp",
         "drivers/pps", "net/9p", "net/core", "fs/9p", "fs/netfs", "fs/fscache", "virt/lib")
BOOT_MODULES = ("uio", "uio_pci_generic", "vfio", "vfio_virqfd", "vfio_iommu_type1", "iommufd", "vfio-pci-core", "vfio-pci",
                "irqbypass", "virtio", "virtio_ring", "virtio_pci", "virtio_pci_modern_dev", "virtio_pci_legacy_dev",
                "9pnet", "9pnet_virtio", "9p", "netfs", "fscache")


class Unready(Exception):
    """The host lacks something; the text says what, and what to do."""


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        raise Unready(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


class Image:
    """The files of a guest, in @folder; make() makes what is not there yet."""

    def __init__(self, folder):
        self.folder = os.path.abspath(folder)
        self.kernel, self.initrd = self.path("vmlinux"), self.path("initrd.gz")
        self.busybox = self.path("busybox/bin/busybox")

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def make(self, models):
        if shutil.which(QEMU) is None:
            raise Unready(f"{QEMU} is not installed: apt-get install qemu-system-x86")
        os.makedirs(self.folder, exist_ok=True)
        if not os.path.exists(self.path("kernel")):
            self.unpack_kernel()
        self.make_initrd()
        if any(not knows(QEMU, model) for model in models) and not os.path.exists(self.path("qemu")):
            self.unpack_qemu()

    def unpack_kernel(self):
        package = re.search(r"Depends: (linux-image-\S+)", run(["apt-cache", "depends", "linux-image-amd64"]))
        if package is None:
            raise Unready("apt knows no package linux-image-amd64: apt-get update")
        download(self.folder, package[1], "busybox-static")
        scratch = self.path("kernel.new")
        shutil.rmtree(scratch, ignore_errors=True)
        run(["dpkg", "-x", only(self.path("busybox-static_*.deb")), self.path("busybox")])
        run(["dpkg", "-x", only(self.path(f"{package[1]}_*.deb")), scratch])
        extract_vmlinux(only(f"{scratch}/boot/vmlinuz-*"), self.kernel)
        source, kept = only(f"{scratch}/lib/modules/*/kernel"), self.path("kernel.kept")
        shutil.rmtree(kept, ignore_errors=True)
        for tree in TREES:
            if os.path.isdir(os.path.join(source, tree)):
                shutil.copytree(os.path.join(source, tree), os.path.join(kept, tree))
        with open(os.path.join(kept, "release"), "w", encoding="ascii") as file:
            file.write(os.path.basename(os.path.dirname(source)))
        shutil.rmtree(scratch)
        for package_file in glob.glob(self.path("*.deb")):
            os.unlink(package_file)
        os.rename(kept, self.path("kernel"))

    def module(self, name):
        """The file of a kernel module, unpacked; None when this kernel has it built in, or has none."""
        for spelling in (name, name.replace("-", "_"), name.replace("_", "-")):
            for end, opener in ((".ko", None), (".ko.xz", lzma.open)):
                for path in glob.glob(self.path("kernel", "**", spelling + end), recursive=True):
                    if opener is None:
                        return path
                    with opener(path) as packed, open(path[:-3], "wb") as plain:
                        plain.write(packed.read())
                    return path[:-3]
        return None

    def make_initrd(self):
        """Another campaign may be booting with the one that is there."""
        busybox, root = self.busybox, tempfile.mkdtemp(prefix="initrd-", dir=self.folder)
        with open(self.path("kernel/release"), encoding="ascii") as file:
            release = file.read()
        for folder in ("bin", "proc", "sys", "dev", "run", f"lib/modules/{release}"):
            os.makedirs(os.path.join(root, folder))
        shutil.copy(busybox, f"{root}/bin/")
        shutil.copy(os.path.join(HERE, "init"), f"{root}/init")
        os.chmod(f"{root}/init", 0o755)
        for module in filter(None, map(self.module, BOOT_MODULES)):
            shutil.copy(module, f"{root}/lib/modules/{release}/")
        run([busybox, "depmod", "-b", root, release])
        run(["sh", "-c", f"find . | {busybox} cpio -o -H newc | gzip -1 >{root}.gz"], cwd=root)
        os.replace(f"{root}.gz", self.initrd)
        shutil.rmtree(root)

    def unpack_qemu(self):
        """The QEMU of the release's backports, by lists of its own, so that apt's configuration stays as it is."""
        lists, root = self.path("apt"), self.path("qemu.new")
        shutil.rmtree(lists, ignore_errors=True)
        shutil.rmtree(root, ignore_errors=True)
        os.makedirs(f"{lists}/lists/partial")
        os.makedirs(f"{lists}/cache")
        mirror = os.environ.get("DEBIAN_MIRROR", "http://deb.debian.org/debian")
        with open(f"{lists}/sources.list", "w", encoding="ascii") as file:
            file.write(f"deb {mirror} {codename()}-backports main\n")
        options = [word for key, value in (("Dir::Etc::sourcelist", f"{lists}/sources.list"),
                                           ("Dir::Etc::sourceparts", "/dev/null"),
                                           ("Dir::State::lists", f"{lists}/lists"),
                                           ("Dir::Cache", f"{lists}/cache")) for word in ("-o", f"{key}={value}")]
        run(["apt-get", "-q", *options, "update"])
        download(lists, *QEMU_PACKAGES, options=options)
        for package in QEMU_PACKAGES:
            run(["dpkg", "-x", only(f"{lists}/{package}_*.deb"), root])
        shutil.rmtree(lists)
        os.rename(root, self.path("qemu"))

    def qemu(self, model):
        """The command that starts a QEMU which knows @model; its options follow."""
        if knows(QEMU, model):
            return [QEMU]
        root = self.path("qemu")
        newer = f"{root}/usr/bin/{QEMU}"
        # It would stop at the modules of the other build: in this mount namespace they are its own.
        return ["unshare", "--mount", "sh", "-c", f'mount --bind {root}{QEMU_MODULES} {QEMU_MODULES}; exec "$@"', "sh",
                newer, "-L", f"{root}/usr/share/qemu", "-L", "/usr/share/seabios"]


def only(pattern):
    found = glob.glob(pattern)
    if len(found) != 1:
        raise Unready(f"{pattern}: {len(found)} files, where one was expected")
    return found[0]


def codename():
    with open("/etc/os-release", encoding="utf-8") as file:
        return re.search(r"^VERSION_CODENAME=(\S+)", file.read(), re.MULTILINE)[1]


def knows(qemu, model):
    return f'name "{model.split(",")[0]}"' in run([qemu, "-device", "help"])


def download(folder, *packages, options=()):
    for package in packages:
        if not glob.glob(os.path.join(folder, f"{package}_*.deb")):
            run(["apt-get", "-q", *options, "download", package], cwd=folder)


def extract_vmlinux(packed, to):
    """QEMU starts an ELF kernel at once, while emulation takes seconds to unpack one. A kernel that is not packed
    by xz is taken as it is."""
    with open(packed, "rb") as file:
        data = file.read()
    at = data.find(b"\xfd7zXZ\0")
    if at >= 0:
        data = lzma.LZMADecompressor().decompress(data[at:])
    with open(to, "wb") as file:
        file.write(data)
