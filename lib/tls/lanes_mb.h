/* SPDX-License-Identifier: BSD-3-Clause */
/* Lanes by crypto_mb, Intel's multi-buffer library. */
#pragma once

#include "tls/lanes.h"

/** @return NULL: the build did not find crypto_mb, or the processor has no AVX-512 IFMA. */
const struct lanes *lanes_mb(void);
