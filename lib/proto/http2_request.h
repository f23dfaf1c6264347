/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes the fields of an HTTP/2 request (RFC 9113 8.3) from the bytes of the HTTP/1.1 one, so that
 * whatever decides what a request says decides it for both. */
#pragma once

#include <nghttp2/nghttp2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Fields that a head of @len bytes can have at most, pseudo-header fields included. */
size_t http2_request_fields_max(const uint8_t *head, size_t len);

/**
 * Read the head of a request, @len bytes of @head up to its empty line, as http_request_make()
 * writes them. Names become lower case where they lie, and the fields point there. Host becomes
 * :authority; what is about a connection (8.2.2) is left out.
 *
 * @param fields has room for http2_request_fields_max() of them
 * @return how many were written
 */
size_t http2_request_fields(uint8_t *head, size_t len, bool is_secure, nghttp2_nv *fields);
