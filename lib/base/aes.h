/* SPDX-License-Identifier: BSD-3-Clause */
/* AES-128 (FIPS 197) as a keyed function of a few blocks, where the processor has it: a tenth of
 * what SipHash takes. For numbers that nobody is to foresee, not to encrypt anything. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AES_ROUND_KEYS 11

struct aes_key {
    uint64_t round[AES_ROUND_KEYS][2]; /* as they lie in memory */
};

/** Whether this processor has AES; nothing else here may be called if not. */
bool aes_is_available(void);

void aes_expand(struct aes_key *k, const uint64_t key[static 2]);

/**
 * CBC-MAC of @n blocks of 16 bytes at @words, @n always the same for a kind of message, lest one be
 * another's beginning. @return the first 64 bits, as they lie in memory.
 */
uint64_t aes_mac(const struct aes_key *k, const uint64_t *words, size_t n);
