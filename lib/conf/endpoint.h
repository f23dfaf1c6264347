/* SPDX-License-Identifier: BSD-3-Clause */
/* The parts of "ADDRESS:PORT" as options write it. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

/** Read the @len digits of @text. @return whether they are a port, 0 to 65535 */
bool endpoint_read_port(const char *text, size_t len, uint16_t *port);

/** Read the @len bytes of @text: an IP address; one of IPv6 may stand in brackets. @return whether
 * they are one */
bool endpoint_read_address(const char *text, size_t len, struct ip_addr *a);
