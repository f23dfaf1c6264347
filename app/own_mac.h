/* SPDX-License-Identifier: BSD-3-Clause */
/* The MAC of a port that no hardware has given one: the same from run to run, so that a neighbour
 * which remembers it is right. */
#pragma once

#include <stdint.h>

#include "conf/conf.h"

/**
 * Derive a locally administered unicast address from this machine's identity, the device, the
 * local addresses and whether it serves: two ends of a device, and two machines, have different
 * ones.
 *
 * @param of_server_port  of the second port, behind a device under test
 */
void own_mac_derive(uint8_t mac[static 6], const struct conf *conf, bool of_server_port);
