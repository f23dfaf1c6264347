/* SPDX-License-Identifier: BSD-3-Clause */
/* See filler.h. */
#include "proto/filler.h"

const uint8_t proto_filler[PROTO_FILLER_BYTES] = {
    [0 ... PROTO_FILLER_BYTES - 1] = PROTO_FILLER_BYTE,
};
