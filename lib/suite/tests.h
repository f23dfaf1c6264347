/* SPDX-License-Identifier: BSD-3-Clause */
/* What RFC 9411 says of its tests, as one table: which they are, what each needs first, what is
 * asked of it, and what it reports. RFC 3511's connection tests are rows of the same. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* In the order in which they are made. */
enum suite_id {
    SUITE_REFERENCE, /* RFC 9411 5 */
    SUITE_7_1,
    SUITE_7_2,
    SUITE_7_3,
    SUITE_7_4,
    SUITE_7_5,
    SUITE_7_6,
    SUITE_7_7,
    SUITE_7_8,
    SUITE_7_9,
    SUITE_3511_5_2,
    SUITE_3511_5_3,
    SUITE_3511_5_4,
    SUITE_TESTS
};

/* What the objective of a test is a number of. */
enum suite_kind {
    SUITE_THROUGHPUT, /* bits per second, of frames both ways */
    SUITE_MIX,        /* the same, of several applications */
    SUITE_RATE,       /* connections per second */
    SUITE_TEARDOWN,   /* connections closed per second */
    SUITE_LATENCY,    /* half of what other tests have found */
    SUITE_CAPACITY,   /* connections open at once */
};

/* Validation criteria: X(name, key of the plan, RFC 9411's limit in millionths, what it is of).
 * Each value has to be less than its limit; "objective" is our own measure of "reached". */
#define SUITE_CRITERIA(X)                                                                          \
    X(FAILURES, "failed_transactions", 10, "failed of attempted transactions")                     \
    X(RESETS, "resets", 10, "connections ended by an unexpected RST, of those initiated")          \
    X(FORWARDING, "rate_deviation", 50000, "largest deviation of the forwarding rate")             \
    X(OPEN, "connection_deviation", 100000, "largest deviation of concurrent connections")         \
    X(OBJECTIVE, "objective", 50000, "what is missing of the load that was to be reached")

enum suite_criterion {
#define X(name, key, limit, meaning) SUITE_##name,
    SUITE_CRITERIA(X)
#undef X
        SUITE_CRITERIA_COUNT
};

struct suite_criterion_row {
    const char *key, *meaning;
    uint32_t limit_ppm;
};

extern const struct suite_criterion_row suite_criteria[SUITE_CRITERIA_COUNT];

/* Key performance indicators, RFC 9411 6.3: X(name, title, unit). */
#define SUITE_KPIS(X)                                                                              \
    X(THROUGHPUT, "Inspected throughput", "bit/s")                                                 \
    X(TPS, "Application transactions per second", "/s")                                            \
    X(CPS, "TCP connections per second", "/s")                                                     \
    X(HPS, "TLS handshake rate", "/s")                                                             \
    X(CONCURRENT, "Concurrent TCP connections", "")                                                \
    X(CLOSES, "TCP connections closed per second", "/s")                                           \
    X(TTFB_MIN, "TTFB, minimum", "ms")                                                             \
    X(TTFB_MEAN, "TTFB, average", "ms")                                                            \
    X(TTFB_MAX, "TTFB, maximum", "ms")                                                             \
    X(TTLB_MIN, "TTLB, minimum", "ms")                                                             \
    X(TTLB_MEAN, "TTLB, average", "ms")                                                            \
    X(TTLB_MAX, "TTLB, maximum", "ms")

enum suite_kpi {
#define X(name, title, unit) SUITE_KPI_##name,
    SUITE_KPIS(X)
#undef X
        SUITE_KPI_COUNT
};

struct suite_kpi_row {
    const char *title, *unit;
};

extern const struct suite_kpi_row suite_kpis[SUITE_KPI_COUNT];

#define SUITE_NONE (-1)

struct suite_test {
    const char *id;    /* "7.2", as the plan has it */
    const char *title; /* the section's */
    enum suite_kind kind;
    bool is_tls;
    bool is_default;    /* made unless the plan says which */
    unsigned requests;  /* transactions a connection; 0: as long as it is open */
    int before;         /* the test that comes first: nothing of it passed, nothing of this */
    int rate_of;        /* what it takes its load from: a test with a rate, and */
    int throughput_of;  /* one with a throughput; SUITE_NONE */
    unsigned criteria;  /* that apply, a bit each */
    unsigned mandatory; /* KPIs that have to be reported, a bit each */
};

extern const struct suite_test suite_tests[SUITE_TESTS];

/** @return the test whose id is @id; SUITE_NONE */
int suite_test_by_id(const char *id);

/* A set of ciphers and keys that RFC 9411 4.3.1.4 recommends, by its name in the plan. The key of
 * the certificate is the server's affair. */
struct suite_ciphers {
    const char *name, *versions;
    const char *ciphers, *groups, *sigalgs; /* as OpenSSL has them; NULL: its own */
    const char *key;                        /* of the server's certificate */
};

extern const struct suite_ciphers suite_ciphers[];
extern const unsigned n_suite_ciphers;

/* Sizes of the mixed objects, RFC 9411 7.3.3.2, in bytes; each has the same share. */
#define SUITE_MIXED_SIZES 10
extern const uint32_t suite_mixed[SUITE_MIXED_SIZES];
