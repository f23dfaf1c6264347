/* SPDX-License-Identifier: BSD-3-Clause */
/* See tests.h. Section numbers are RFC 9411's. */
#include "suite/tests.h"

#include <string.h>

#include "base/units.h"

#define ONE(name) (1U << SUITE_##name)
#define KPI(name) (1U << SUITE_KPI_##name)
#define LATENCIES                                                                                  \
    (KPI(TTFB_MIN) | KPI(TTFB_MEAN) | KPI(TTFB_MAX) | KPI(TTLB_MIN) | KPI(TTLB_MEAN) |             \
     KPI(TTLB_MAX))
#define NO_LOAD .rate_of = SUITE_NONE, .throughput_of = SUITE_NONE

/* Every test has "objective", without which a load that was not made would pass. */
#define OF_FAILURES   (ONE(FAILURES) | ONE(RESETS) | ONE(OBJECTIVE))
#define OF_ALL        (OF_FAILURES | ONE(FORWARDING) | ONE(OPEN))
#define OF_THROUGHPUT (ONE(FAILURES) | ONE(FORWARDING) | ONE(OPEN) | ONE(OBJECTIVE))

const struct suite_criterion_row suite_criteria[SUITE_CRITERIA_COUNT] = {
#define X(name, key_, limit, meaning_)                                                             \
    [SUITE_##name] = {.key = (key_), .meaning = (meaning_), .limit_ppm = (limit)},
    SUITE_CRITERIA(X)
#undef X
};

const struct suite_kpi_row suite_kpis[SUITE_KPI_COUNT] = {
#define X(name, title_, unit_) [SUITE_KPI_##name] = {.title = (title_), .unit = (unit_)},
    SUITE_KPIS(X)
#undef X
};

const struct suite_test suite_tests[SUITE_TESTS] = {
    [SUITE_REFERENCE] = {.id = "reference",
                         .title = "Testbed reference test (section 5)",
                         .kind = SUITE_THROUGHPUT,
                         .requests = 10,
                         .before = SUITE_NONE,
                         NO_LOAD,
                         .criteria = OF_FAILURES,
                         .mandatory = KPI(THROUGHPUT) | LATENCIES},
    [SUITE_7_1] = {.id = "7.1",
                   .title = "Throughput performance with application traffic mix",
                   .kind = SUITE_MIX,
                   .is_default = true,
                   .requests = 1,
                   .before = SUITE_REFERENCE,
                   NO_LOAD,
                   .criteria = OF_FAILURES,
                   .mandatory = KPI(THROUGHPUT) | KPI(TPS) | LATENCIES},
    [SUITE_7_2] = {.id = "7.2",
                   .title = "TCP connections per second with HTTP traffic",
                   .kind = SUITE_RATE,
                   .is_default = true,
                   .requests = 1,
                   .before = SUITE_REFERENCE,
                   NO_LOAD,
                   .criteria = OF_ALL,
                   .mandatory = KPI(CPS)},
    [SUITE_7_3] = {.id = "7.3",
                   .title = "HTTP throughput",
                   .kind = SUITE_THROUGHPUT,
                   .is_default = true,
                   .requests = 10,
                   .before = SUITE_7_2,
                   NO_LOAD,
                   .criteria = OF_THROUGHPUT,
                   .mandatory = KPI(THROUGHPUT) | KPI(TPS)},
    [SUITE_7_4] = {.id = "7.4",
                   .title = "HTTP transaction latency",
                   .kind = SUITE_LATENCY,
                   .is_default = true,
                   .requests = 1,
                   .before = SUITE_7_3,
                   .rate_of = SUITE_7_2,
                   .throughput_of = SUITE_7_3,
                   .criteria = OF_ALL,
                   .mandatory = LATENCIES},
    [SUITE_7_5] = {.id = "7.5",
                   .title = "Concurrent TCP connection capacity with HTTP traffic",
                   .kind = SUITE_CAPACITY,
                   .is_default = true,
                   .before = SUITE_7_3,
                   .rate_of = SUITE_7_2,
                   .throughput_of = SUITE_NONE,
                   .criteria = OF_FAILURES | ONE(FORWARDING),
                   .mandatory = KPI(CONCURRENT)},
    [SUITE_7_6] = {.id = "7.6",
                   .title = "TCP connections per second with HTTPS traffic",
                   .kind = SUITE_RATE,
                   .is_tls = true,
                   .is_default = true,
                   .requests = 1,
                   .before = SUITE_REFERENCE,
                   NO_LOAD,
                   .criteria = OF_ALL,
                   .mandatory = KPI(CPS)},
    [SUITE_7_7] = {.id = "7.7",
                   .title = "HTTPS throughput",
                   .kind = SUITE_THROUGHPUT,
                   .is_tls = true,
                   .is_default = true,
                   .requests = 10,
                   .before = SUITE_7_6,
                   NO_LOAD,
                   .criteria = OF_THROUGHPUT,
                   .mandatory = KPI(THROUGHPUT) | KPI(TPS)},
    [SUITE_7_8] = {.id = "7.8",
                   .title = "HTTPS transaction latency",
                   .kind = SUITE_LATENCY,
                   .is_tls = true,
                   .is_default = true,
                   .requests = 1,
                   .before = SUITE_7_7,
                   .rate_of = SUITE_7_6,
                   .throughput_of = SUITE_7_7,
                   .criteria = OF_ALL,
                   .mandatory = LATENCIES},
    [SUITE_7_9] = {.id = "7.9",
                   .title = "Concurrent TCP connection capacity with HTTPS traffic",
                   .kind = SUITE_CAPACITY,
                   .is_tls = true,
                   .is_default = true,
                   .before = SUITE_7_7,
                   .rate_of = SUITE_7_6,
                   .throughput_of = SUITE_NONE,
                   .criteria = OF_FAILURES | ONE(FORWARDING),
                   .mandatory = KPI(CONCURRENT)},
    [SUITE_3511_5_2] = {.id = "rfc3511-5.2",
                        .title = "RFC 3511 5.2: concurrent TCP connection capacity",
                        .kind = SUITE_CAPACITY,
                        .before = SUITE_REFERENCE,
                        NO_LOAD,
                        .criteria = OF_FAILURES,
                        .mandatory = KPI(CONCURRENT)},
    [SUITE_3511_5_3] = {.id = "rfc3511-5.3",
                        .title = "RFC 3511 5.3: maximum TCP connection establishment rate",
                        .kind = SUITE_RATE,
                        .requests = 1,
                        .before = SUITE_REFERENCE,
                        NO_LOAD,
                        .criteria = OF_FAILURES,
                        .mandatory = KPI(CPS)},
    [SUITE_3511_5_4] = {.id = "rfc3511-5.4",
                        .title = "RFC 3511 5.4: maximum TCP connection tear down rate",
                        .kind = SUITE_TEARDOWN,
                        .requests = 1,
                        .before = SUITE_REFERENCE,
                        NO_LOAD,
                        .criteria = OF_FAILURES,
                        .mandatory = KPI(CLOSES)},
};

int
suite_test_by_id(const char *id)
{
    for (int i = 0; i < SUITE_TESTS; i++)
        if (strcmp(suite_tests[i].id, id) == 0)
            return i;
    return SUITE_NONE;
}

const struct suite_ciphers suite_ciphers[] = {
    {"ecdsa-p256", "1.2", "ECDHE-ECDSA-AES128-GCM-SHA256", "P-256", "ecdsa_secp256r1_sha256",
     "ECDSA P-256"},
    {"rsa-2048", "1.2", "ECDHE-RSA-AES128-GCM-SHA256", "P-256", "rsa_pkcs1_sha256", "RSA 2048"},
    /* A key on P-384 is of use only to a client that has its group, too. */
    {"ecdsa-p384", "1.2", "ECDHE-ECDSA-AES256-GCM-SHA384", "P-384:P-521", "ecdsa_secp384r1_sha384",
     "ECDSA P-384"},
    {"rsa-4096", "1.2", "ECDHE-RSA-AES256-GCM-SHA384", "P-256", "rsa_pkcs1_sha384", "RSA 4096"},
    {"tls13", "1.3", NULL, "P-256", NULL, "any"},
};
const unsigned n_suite_ciphers = ARRAY_LEN(suite_ciphers);

const uint32_t suite_mixed[SUITE_MIXED_SIZES] = {200,   6000,  8000,  9000,  10000,
                                                 25000, 26000, 35000, 59000, 347000};
