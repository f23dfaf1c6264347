/* SPDX-License-Identifier: BSD-3-Clause */
/* See pcapng.h. Section numbers are of draft-ietf-opsawg-pcapng. Numbers are in this machine's byte
 * order, which the section's beginning tells. */
#include "report/pcapng.h"

#include <string.h>

#include "base/units.h"

enum block {
    BLOCK_SECTION = 0x0a0d0d0a, /* 4.1 */
    BLOCK_INTERFACE = 1,        /* 4.2 */
    BLOCK_FRAME = 6,            /* 4.3, Enhanced Packet Block */
    BLOCK_STATISTICS = 5,       /* 4.6 */
    BLOCK_SECRETS = 10,         /* 4.7 */
};

enum option {
    OPTION_END = 0,
    OPTION_COMMENT = 1, /* 3.5 */
    OPTION_OS = 3,      /* of a section */
    OPTION_APPLICATION = 4,
    OPTION_NAME = 2, /* of an interface */
    OPTION_DESCRIPTION = 3,
    OPTION_TIME_UNIT = 9,
    OPTION_FLAGS = 2, /* of a frame */
    OPTION_FROM = 2,  /* of statistics */
    OPTION_TO = 3,
    OPTION_RECEIVED = 4,
    OPTION_DROPPED = 5,
};

static const uint32_t BYTE_ORDER_MAGIC = 0x1a2b3c4d;
static const uint16_t VERSION[2] = {1, 0};
static const uint64_t LENGTH_UNKNOWN = UINT64_MAX;
static const uint16_t LINKTYPE_ETHERNET = 1;
static const uint8_t NANOSECONDS = 9; /* ten to the minus so many */
static const uint32_t TLS_KEY_LOG = 0x544c534b;
static const uint32_t INBOUND = 1, OUTBOUND = 2; /* 4.3.1 */

/* A block is a header, a body of pieces, and its length again. */
static const size_t AROUND_BYTES = 12;

/* Count what follows, or write it. */
struct writer {
    FILE *out; /* NULL: count */
    size_t bytes;
};

static void
put(struct writer *w, const void *data, size_t len)
{
    if (w->out != NULL)
        (void)fwrite(data, 1, len, w->out);
    w->bytes += len;
}

static void
put_u32(struct writer *w, uint32_t n)
{
    put(w, &n, sizeof(n));
}

/* The high half first, whatever the byte order. */
static void
put_time(struct writer *w, uint64_t ns)
{
    put_u32(w, (uint32_t)(ns >> 32));
    put_u32(w, (uint32_t)ns);
}

/* To the next multiple of four. */
static void
put_padded(struct writer *w, const void *data, size_t len)
{
    static const uint8_t zeros[4];

    put(w, data, len);
    put(w, zeros, (4 - len % 4) % 4);
}

static void
put_option(struct writer *w, enum option code, const void *data, size_t len)
{
    uint16_t head[2] = {(uint16_t)code, (uint16_t)len};

    put(w, head, sizeof(head));
    put_padded(w, data, len);
}

/* What is too long for an option is cut. */
static void
put_text(struct writer *w, enum option code, const char *text)
{
    if (text != NULL && text[0] != '\0')
        put_option(w, code, text, u64_min(strlen(text), UINT16_MAX - 3));
}

static void
put_count(struct writer *w, enum option code, uint64_t n)
{
    put_option(w, code, &n, sizeof(n));
}

static void
end_options(struct writer *w)
{
    put_option(w, OPTION_END, "", 0);
}

/* The body is gone through twice: how long it is stands before it. */
static size_t
write_block(FILE *out, enum block type, void (*body)(struct writer *w, const void *arg),
            const void *arg)
{
    struct writer count = {0}, w = {.out = out};
    uint32_t length;

    body(&count, arg);
    length = (uint32_t)(count.bytes + AROUND_BYTES);
    if (out == NULL)
        return length;
    put_u32(&w, type);
    put_u32(&w, length);
    body(&w, arg);
    put_u32(&w, length);
    return length;
}

/* -- the bodies ------------------------------------------------------------------------------- */

struct section {
    const char *application, *os;
};

static void
put_section(struct writer *w, const void *arg)
{
    const struct section *s = arg;

    put_u32(w, BYTE_ORDER_MAGIC);
    put(w, VERSION, sizeof(VERSION));
    put(w, &LENGTH_UNKNOWN, sizeof(LENGTH_UNKNOWN));
    put_text(w, OPTION_OS, s->os);
    put_text(w, OPTION_APPLICATION, s->application);
    end_options(w);
}

static void
put_interface(struct writer *w, const void *arg)
{
    const struct pcapng_interface *i = arg;
    uint16_t head[2] = {LINKTYPE_ETHERNET, 0};

    put(w, head, sizeof(head));
    put_u32(w, i->snap_bytes);
    put_text(w, OPTION_NAME, i->name);
    put_text(w, OPTION_DESCRIPTION, i->description);
    put_option(w, OPTION_TIME_UNIT, &NANOSECONDS, sizeof(NANOSECONDS));
    end_options(w);
}

static void
put_frame(struct writer *w, const void *arg)
{
    const struct pcapng_frame *f = arg;

    put_u32(w, 0); /* the interface */
    put_time(w, f->time_ns);
    put_u32(w, f->bytes);
    put_u32(w, f->wire_bytes);
    put_padded(w, f->data, f->bytes);
    for (size_t i = 0; i < ARRAY_LEN(f->comments); i++)
        put_text(w, OPTION_COMMENT, f->comments[i]);
    put_option(w, OPTION_FLAGS, f->is_sent ? &OUTBOUND : &INBOUND, sizeof(OUTBOUND));
    end_options(w);
}

struct secrets {
    const char *lines;
    uint32_t len;
};

static void
put_secrets(struct writer *w, const void *arg)
{
    const struct secrets *s = arg;

    put_u32(w, TLS_KEY_LOG);
    put_u32(w, s->len);
    put_padded(w, s->lines, s->len);
}

static void
put_time_option(struct writer *w, enum option code, uint64_t ns)
{
    uint32_t halves[2] = {(uint32_t)(ns >> 32), (uint32_t)ns};

    put_option(w, code, halves, sizeof(halves));
}

static void
put_statistics(struct writer *w, const void *arg)
{
    const struct pcapng_statistics *s = arg;

    put_u32(w, 0);
    put_time(w, s->to_ns);
    put_time_option(w, OPTION_FROM, s->from_ns);
    put_time_option(w, OPTION_TO, s->to_ns);
    put_count(w, OPTION_RECEIVED, s->frames);
    put_count(w, OPTION_DROPPED, s->dropped);
    end_options(w);
}

/* -- the blocks ------------------------------------------------------------------------------- */

size_t
pcapng_section(FILE *out, const char *application, const char *os)
{
    return write_block(out, BLOCK_SECTION, put_section, &(struct section){application, os});
}

size_t
pcapng_interface(FILE *out, const struct pcapng_interface *i)
{
    return write_block(out, BLOCK_INTERFACE, put_interface, i);
}

size_t
pcapng_frame(FILE *out, const struct pcapng_frame *f)
{
    return write_block(out, BLOCK_FRAME, put_frame, f);
}

size_t
pcapng_secrets(FILE *out, const char *lines, uint32_t len)
{
    return write_block(out, BLOCK_SECRETS, put_secrets, &(struct secrets){lines, len});
}

size_t
pcapng_statistics(FILE *out, const struct pcapng_statistics *s)
{
    return write_block(out, BLOCK_STATISTICS, put_statistics, s);
}
