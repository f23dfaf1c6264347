/* SPDX-License-Identifier: BSD-3-Clause */
/* A request with placeholders is a row of pieces: bytes that are always the same, and values that
 * each request has of its own.
 *
 *     {counter}        the number of the request, from 1 on, each once in a run
 *     {random}         a number below 2^32; {random:A-B} one of A to B
 *     {local.address}  the connection's own, without brackets
 *     {local.port}
 *     {csv.COLUMN}     of the row of a CSV file that is the request's
 *
 * The text of a placeholder is sent when its braces are doubled: {{counter}} is {counter}. Braces
 * that name none of these are braces. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/csv.h"
#include "wire/addr.h"

enum http_piece_kind {
    HTTP_PIECE_TEXT,
    HTTP_PIECE_COUNTER,
    HTTP_PIECE_RANDOM,
    HTTP_PIECE_LOCAL_ADDRESS,
    HTTP_PIECE_LOCAL_PORT,
    HTTP_PIECE_CSV,
    HTTP_PIECE_BODY_LENGTH, /* of the pieces of the body */
    HTTP_PIECE_COOKIES,     /* the field, with its line's end, or nothing */
};

struct http_piece {
    enum http_piece_kind kind;
    union {
        struct {
            const uint8_t *bytes; /* TEXT */
            size_t len;
        };
        struct {
            uint64_t first, last; /* RANDOM, inclusive */
        };
        uint32_t column; /* CSV */
    };
};

/* In a request's head these bytes stand for what only we put there; none comes from the user. */
#define HTTP_MARK_BODY_LENGTH "\001L"
#define HTTP_MARK_COOKIES     "\001C"

/* What one request fills in. */
struct http_values {
    uint64_t number;
    uint64_t seed; /* of its random numbers */
    const struct csv *csv;
    uint32_t row;
    uint16_t local_port;
    uint16_t cookies_len;
    struct ip_addr local;
    const char *cookies;
    uint64_t body_len;
};

#define HTTP_PLACEHOLDER_MAX 128

struct http_pieces_fault {
    char text[HTTP_PLACEHOLDER_MAX]; /* the placeholder, with its braces */
    const char *near; /* what it may have meant, without braces; NULL: its column or range is
                         wrong */
};

/**
 * Cut @text into pieces that point into it.
 *
 * @param is_head  the marks above may be in it
 * @param csv      whose columns may be named; NULL: what follows {csv. is not looked at
 * @param[out] pieces  room for all of them; NULL: they are only counted
 * @return how many there are; -1 with @fault set: a placeholder is wrong, or nearly one
 */
int http_pieces_find(const uint8_t *text, size_t len, bool is_head, const struct csv *csv,
                     struct http_piece *pieces, struct http_pieces_fault *fault);

/** Whether there are pieces whose value changes, or text that is not sent as it is. */
bool http_pieces_vary(const struct http_piece *pieces, int n, size_t len);

/* Room for a value that is made. */
#define HTTP_VALUE_MAX 64

/** The bytes of piece @i of @pieces, in @buf or where they lie. @return how many */
size_t http_piece_bytes(const struct http_piece *pieces, unsigned i, const struct http_values *v,
                        char buf[static HTTP_VALUE_MAX], const uint8_t **bytes);

/** The bytes of pieces @first to @end, without the last. */
uint64_t http_pieces_len(const struct http_piece *pieces, unsigned first, unsigned end,
                         const struct http_values *v);
