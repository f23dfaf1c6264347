/* SPDX-License-Identifier: BSD-3-Clause */
/* The two sides of a connection. A worker has one role; a run has clients, servers, or on loopback
 * both. */
#pragma once

enum role {
    ROLE_CLIENT, /* opens connections */
    ROLE_SERVER, /* accepts them */
    ROLE_COUNT
};
