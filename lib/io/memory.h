/* SPDX-License-Identifier: BSD-3-Clause */
/* The memory of frames: each worker's pools of packet buffers and of external segments, and the
 * constant payload that these point into. Private to io/; slow path, control's. */
#pragma once

#include "base/fail.h"
#include "io/io_setup.h"

/** Make the pools and the payload; EAL runs, and ports are found. @return 0, or -1 with @f set
 * (EXIT_HOST); memory_close() is due all the same, here and below */
int memory_open(struct io *io, const struct io_setup *s, struct fail *f);

/** Make the pools of external segments, where ports take them; ports are started. */
int memory_open_ext(struct io *io, const struct io_setup *s, struct fail *f);

/** Free all of it. Ports are closed and hold none of it any more. */
void memory_close(struct io *io);
