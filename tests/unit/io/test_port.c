/* SPDX-License-Identifier: BSD-3-Clause */
#include "io_rig.h"

#include "io/port.h"

Test(port, a_driver_gets_buffers_for_tso_that_14_bits_hold_unless_it_is_known_to_take_longer_ones)
{
    cr_assert(eq(uint, port_tso_max("net_vmxnet3"), 16383));
    cr_assert(eq(uint, port_tso_max("net_nobody_has_seen"), 16383));
    cr_assert(eq(uint, port_tso_max("net_virtio"), 65415), "an IP packet's, headers apart");
    cr_assert(eq(uint, port_tso_max("net_tap"), 65415));
}
