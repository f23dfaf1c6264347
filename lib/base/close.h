/* SPDX-License-Identifier: BSD-3-Clause */
/* How a side ends its connections. */
#pragma once

enum close_mode {
    CLOSE_FIN,  /* it sends the first FIN */
    CLOSE_RST,  /* it aborts with RST */
    CLOSE_PEER, /* it waits for the peer's FIN and answers it with its own */
    CLOSE_MODES
};
