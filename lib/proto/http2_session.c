/* SPDX-License-Identifier: BSD-3-Clause */
/* See http2.h: nghttp2's session of either role. */
#include <string.h>

#include "base/units.h"
#include "proto/http2.h"

/* -- nghttp2's memory ------------------------------------------------------------------------ */

static void *
mem_take(size_t n, void *blocks)
{
    return blocks_take(blocks, n);
}

static void
mem_give(void *block, void *blocks)
{
    blocks_give(blocks, block);
}

static void *
mem_take_cleared(size_t n, size_t size, void *blocks)
{
    void *block = n > 0 && size > SIZE_MAX / n ? NULL : blocks_take(blocks, n * size);

    if (block != NULL)
        memset(block, 0, n * size);
    return block;
}

static void *
mem_retake(void *block, size_t n, void *blocks)
{
    return blocks_retake(blocks, block, n);
}

/* -- both roles ------------------------------------------------------------------------------ */

void
http2_open(struct http2_state *s, const nghttp2_settings_entry *settings, size_t n)
{
    const struct http2_kit *kit = http2_kit_of(s);
    nghttp2_mem mem = {.mem_user_data = s->opts->blocks,
                       .malloc = mem_take,
                       .free = mem_give,
                       .calloc = mem_take_cleared,
                       .realloc = mem_retake};
    int err = s->opts->is_server
                  ? nghttp2_session_server_new3(&s->session, kit->callbacks, s, kit->options, &mem)
                  : nghttp2_session_client_new3(&s->session, kit->callbacks, s, kit->options, &mem);

    if (err != 0)
        s->session = NULL;
    s->is_bad = err != 0 ||
                nghttp2_submit_settings(s->session, NGHTTP2_FLAG_NONE, settings, n) != 0 ||
                nghttp2_session_set_local_window_size(s->session, NGHTTP2_FLAG_NONE, 0,
                                                      kit->connection_window) != 0;
}

void
http2_count_frame(struct http2_state *s, const nghttp2_frame *frame)
{
    uint32_t code;

    if (frame->hd.type == NGHTTP2_RST_STREAM) {
        code = frame->rst_stream.error_code;
        s->n_resets[code < HTTP2_RESETS - 1 ? code : HTTP2_RESETS - 1]++;
    } else if (frame->hd.type == NGHTTP2_GOAWAY) {
        s->n_goaways++;
        s->goes_away = true;
    } else if (frame->hd.type == NGHTTP2_PING) {
        s->n_pings += (frame->hd.flags & NGHTTP2_FLAG_ACK) == 0;
    }
}

ssize_t
http2_read_payload(uint64_t left, size_t max, uint32_t *flags)
{
    size_t n = u64_min(max, left);

    if (n == left)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (n > 0)
        *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    return (ssize_t)n;
}

/* The pause has nghttp2_session_mem_send() return without the frame that is next. */
int
http2_send_payload(struct http2_state *s, const uint8_t *head, const uint8_t *payload, size_t len)
{
    assert(s->n_pending == 0 && s->n_payload == 0);

    memcpy(s->data_head, head, HTTP2_HEAD_BYTES);
    s->payload = payload;
    s->n_payload = (uint32_t)len;
    return NGHTTP2_ERR_PAUSE;
}

bool
http2_has_output(const struct http2_state *s)
{
    return s->n_pending > 0 || s->n_payload > 0 || nghttp2_session_want_write(s->session) != 0;
}

void
http2_leave(struct http2_state *s)
{
    if (s->has_left)
        return;
    s->has_left = true;
    (void)nghttp2_submit_goaway(s->session, NGHTTP2_FLAG_NONE,
                                nghttp2_session_get_last_proc_stream_id(s->session),
                                NGHTTP2_NO_ERROR, NULL, 0);
}

bool
http2_breaks_off(struct http2_state *s, const nghttp2_frame *frame)
{
    if (frame->hd.type != NGHTTP2_GOAWAY || frame->goaway.error_code == NGHTTP2_NO_ERROR)
        return false;
    s->n_failed[HTTP_FAILED_bad_messages]++;
    return true;
}
