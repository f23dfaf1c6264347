/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/http_answer.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "base/units.h"

static struct http_answer
answer(const char *path)
{
    return http_answer_to(path, (uint32_t)strlen(path), 12, false);
}

Test(http_answer, the_path_says_it)
{
    static const struct {
        const char *path;
        uint64_t bytes;
        uint16_t status;
        uint64_t pause_ns;
        uint32_t piece;
    } rows[] = {
        {"/", 12, 200, 0, 0},
        {"/0", 0, 200, 0, 0},
        {"/64k", 64000, 200, 0, 0},
        {"/1G", 1000000000, 200, 0, 0},
        {"/chunked/5", 5, 200, 0, 0},
        {"/status/503", 0, 503, 0, 0},
        {"/delay/100ms", 0, 200, 100 * NS_PER_MS, 0},
        {"/delay/60s", 0, 200, 60 * NS_PER_SEC, 0},
        {"/delay/1m", 0, 200, 60 * NS_PER_SEC, 0},
        {"/trickle/1k/5us", 10000, 200, 5 * NS_PER_US, 1000},
        {"/trickle/10/1s/25", 25, 200, NS_PER_SEC, 10},
        {"/trickle/1/1s/3600", 3600, 200, NS_PER_SEC, 1},
        {"/trickle/10/1s/0", 0, 200, NS_PER_SEC, 10},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        struct http_answer a = answer(rows[i].path);

        cr_expect(eq(int, a.status, rows[i].status), "%s", rows[i].path);
        cr_expect(eq(u64, a.body_bytes, rows[i].bytes), "%s", rows[i].path);
        cr_expect(eq(u64, a.pause_ns, rows[i].pause_ns), "%s", rows[i].path);
        cr_expect(eq(u32, a.piece_bytes, rows[i].piece), "%s", rows[i].path);
    }
    cr_assert(answer("/headers").echoes);
    cr_assert(answer("/close").closes);
    cr_assert(answer("/chunked/5").is_chunked);
}

Test(http_answer, anything_else_is_not_found)
{
    static const char *const paths[] = {"/x",
                                        "/5x",
                                        "/headers/",
                                        "/status/99",
                                        "/status/",
                                        "/delay/",
                                        "/delay/61s",
                                        "/delay/5",
                                        "/delay/1h",
                                        "/trickle/0/1s",
                                        "/trickle/5",
                                        "/trickle/5/",
                                        "/trickle/5/1s/x",
                                        "/trickle/1/1s/3601",
                                        "/chunked/",
                                        "/99999999999999999999",
                                        "/2000G",
                                        "x"};

    for (unsigned i = 0; i < ARRAY_LEN(paths); i++) {
        struct http_answer a = answer(paths[i]);

        cr_expect(eq(int, a.status, 404), "%s", paths[i]);
        cr_expect(zero(u64, a.body_bytes + a.pause_ns + a.piece_bytes), "%s", paths[i]);
        cr_expect(not(a.is_chunked || a.closes || a.echoes), "%s", paths[i]);
    }
}
