/* SPDX-License-Identifier: BSD-3-Clause */
/* Where something stands in a text. */
#pragma once

#include <stdint.h>

struct place {
    uint32_t line, column; /* both from 1, columns in characters; line 0: nowhere */
};
