/* SPDX-License-Identifier: BSD-3-Clause */
/* The memory of OpenSSL. One TLS handshake takes and frees thousands of small blocks, in pairs and
 * on one thread, so each thread has lists of what it freed (base/blocks.h). A block that another
 * thread took joins the lists of the one that frees it.
 *
 * The lists and the account hang from the thread, the one state of this program that does: OpenSSL
 * passes nothing to its allocator by which a worker could be told.
 *
 * The lists of a thread that ends are not given back to malloc(): workers live as long as the
 * program. With an address or leak sanitizer built in OpenSSL keeps malloc(), and the account reads
 * 0. */
#pragma once

#include <stdint.h>

/**
 * Have OpenSSL take its memory here. Once, before any other call to OpenSSL.
 *
 * @return 0; -1: OpenSSL has taken memory already. It goes on with malloc(), slower, and the
 * account reads 0.
 */
int tls_mem_install(void);

/** Bytes that the calling thread has taken and not freed, their headers and rounding included;
 * 0 when it has freed more than it took. */
uint64_t tls_mem_in_use(void);

/** Begin a new peak at what is in use now. */
void tls_mem_mark(void);

/** The most that was in use since tls_mem_mark(), bytes. */
uint64_t tls_mem_peak(void);
