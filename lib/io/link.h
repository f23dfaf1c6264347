/* SPDX-License-Identifier: BSD-3-Clause */
/* What a port's link may be. */
#pragma once

enum io_link {
    IO_LINK_UP,
    IO_LINK_DOWN,
    IO_LINK_GONE, /* the kernel interface under the port was deleted, or moved to another network
                     namespace: the driver's sockets lead nowhere, whatever comes in its place */
};
