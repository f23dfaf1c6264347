# SPDX-License-Identifier: BSD-3-Clause
"""The network cards that QEMU emulates and DPDK has a poll-mode driver for, a row each."""

from dataclasses import dataclass

QUEUES = 2  # queue pairs of a card that may have several; the guest has as many CPUs


@dataclass(frozen=True)
class Nic:
    name: str
    model: str  # QEMU's device and its properties
    driver: str  # DPDK's name of its driver
    modules: tuple  # the kernel's driver, after what it needs
    kernel_driver: str  # that holds the card then
    address: str = "0000:00:10.0"
    on_root_port: bool = False  # virtual functions need a bus of their own
    multiqueue_tap: bool = False
    iommu: str = ""  # properties without which it passes by the IOMMU
    describes_rss: bool = False  # key, table and types; whether it does as it says is another matter
    second_queue_works: bool = True  # False: frames of the second transmit queue never leave
    tells_link: bool = True  # False: the driver goes on saying that the link is up


NICS = {nic.name: nic for nic in (
    Nic("e1000", "e1000", "net_e1000_em", ("e1000",), "e1000", second_queue_works=False),
    Nic("e1000e", "e1000e", "net_e1000_em", ("pps_core", "ptp", "e1000e"), "e1000e"),
    Nic("virtio",
        f"virtio-net-pci,disable-legacy=on,mq=on,vectors={2 * QUEUES + 2},rx_queue_size=1024,tx_queue_size=256,"
        "rss=on,hash=on", "net_virtio", ("failover", "net_failover", "virtio_net"), "virtio-pci", multiqueue_tap=True,
        describes_rss=True, iommu=",iommu_platform=on,ats=on"),
    Nic("vmxnet3", "vmxnet3", "net_vmxnet3", ("vmxnet3",), "vmxnet3", tells_link=False),
    Nic("igb", "igb", "net_e1000_igb", ("pps_core", "ptp", "dca", "i2c-algo-bit", "igb"), "igb",
        address="0000:01:00.0", on_root_port=True, describes_rss=True),
)}
