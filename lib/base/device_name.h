/* SPDX-License-Identifier: BSD-3-Clause */
/* The one device that is a word of our own and not DPDK's. What else a device's name may be is
 * io/device.h's to know. */
#pragma once

#include <stdbool.h>
#include <string.h>

#define DEVICE_LOOPBACK_NAME "loopback"

/* Whether @device is the pair of ports inside this process; arguments may follow behind a comma. */
static inline bool
device_name_is_loopback(const char *device)
{
    size_t len = strlen(DEVICE_LOOPBACK_NAME);

    return strncmp(device, DEVICE_LOOPBACK_NAME, len) == 0 &&
           (device[len] == '\0' || device[len] == ',');
}
