/* SPDX-License-Identifier: BSD-3-Clause */
/* The payload of a simulated stream: byte k is a hash of (key, k), so that no byte passes for
 * another one of the same or of another stream. */
#pragma once

#include <stdint.h>

/** The key of the stream that @host sends with initial sequence number @iss. */
uint64_t sim_bytes_key(uint64_t seed, unsigned host, uint32_t iss);

/** Bytes [@k, @k + @len) of the stream @key. */
void sim_bytes(uint64_t key, uint64_t k, uint8_t *out, uint32_t len);
