/* SPDX-License-Identifier: BSD-3-Clause */
/* The blocks of a capture file (draft-ietf-opsawg-pcapng): a section of one Ethernet interface,
 * frames with comments, TLS secrets that decrypt them, statistics at the end. Instants are
 * nanoseconds since 1970. What a block takes is known before it is written. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct pcapng_interface {
    const char *name; /* "" for none */
    const char *description;
    uint32_t snap_bytes; /* most of a frame that is kept */
};

struct pcapng_frame {
    const uint8_t *data;
    uint32_t bytes;      /* at @data */
    uint32_t wire_bytes; /* of the frame, as it was on the wire */
    uint64_t time_ns;
    bool is_sent;
    const char *comments[2]; /* NULL: none */
};

struct pcapng_statistics {
    uint64_t from_ns, to_ns; /* of the capture */
    uint64_t frames;         /* that were to be captured */
    uint64_t dropped;        /* of them, that are not in the file */
};

/* Each writes a block to @out and returns its bytes, a multiple of four. Whether @out took them,
 * the stream knows. With @out NULL nothing is written. */

/** The section's beginning, by program @application ("shakedown 1.0") on @os. */
size_t pcapng_section(FILE *out, const char *application, const char *os);

/** The one interface; the blocks below are about it. */
size_t pcapng_interface(FILE *out, const struct pcapng_interface *i);

size_t pcapng_frame(FILE *out, const struct pcapng_frame *f);

/** @len bytes of lines in NSS key log format, before the frames that they decrypt. */
size_t pcapng_secrets(FILE *out, const char *lines, uint32_t len);

size_t pcapng_statistics(FILE *out, const struct pcapng_statistics *s);
