/* SPDX-License-Identifier: BSD-3-Clause */
/* Sockets that whoever started this process has left open in it. */
#pragma once

/** Close those of a kind by which a driver's sockets are found later among all that are open:
 * AF_PACKET, and AF_UNIX that keeps packets apart. They are of no use here, and the parent keeps
 * its own. Before EAL starts. */
void inherited_close(void);
