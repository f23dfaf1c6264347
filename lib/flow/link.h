/* SPDX-License-Identifier: BSD-3-Clause */
/* The table's part of a connection record, for the client's table (flow/tuples.h) and the
 * server's (flow/table.h) alike. All zero in a record that was never used. */
#pragma once

#include <stdint.h>

#include "base/record.h"

struct flow_link {
    uint32_t next;   /* index + 1: in the list of free records, or in a hash chain; 0: the end.
                        client, while it is in use: whatever its user keeps here */
    uint16_t port;   /* client: the local port in use or used last; 0: never used. server: whatever
                        its user keeps here */
    uint16_t target; /* client: index of the target it talks or talked to */
};

static inline struct flow_link *
flow_link_at(struct flow_link *first, uint32_t idx)
{
    return record_part(first, idx);
}
