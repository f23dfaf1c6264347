/* SPDX-License-Identifier: BSD-3-Clause */
/* See dev.h. */
#include "io/dev.h"

#include "io/device.h"

const struct dev_ops *
dev_ops_of(const struct device *d)
{
    switch (d->kind) {
    case DEVICE_LOOPBACK:
        return &dev_loopback_ops;
    case DEVICE_PCI:
        return &dev_ethdev_ops;
    case DEVICE_VDEV:
        break;
    }
    if (d->memif.is_memif)
        return &dev_memif_ops;
    return d->iface[0] != '\0' ? &dev_iface_ops : &dev_ethdev_ops;
}
