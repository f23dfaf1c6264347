/* SPDX-License-Identifier: BSD-3-Clause */
/* All that a report needs to know about a run. Control fills it in, the report formats only read
 * it. Slow path, control thread; nothing here reads a clock or asks the host. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/fail.h"
#include "base/role.h"
#include "conf/conf.h"
#include "conf/phases.h"
#include "middle/tally.h"
#include "proto/http_tally.h"
#include "report/steering.h"
#include "stat/block.h"
#include "tls/tally.h"
#include "wire/icmp.h"

/* A day of seconds. A run that lasts longer goes on without further interval rows (its totals are
 * complete), and the result says how many were left out. */
#define RESULT_INTERVALS_MAX 86400u
#define RESULT_TEXT_MAX      256
#define RESULT_HOST_MAX      64

struct result_host {
    char cpu[RESULT_TEXT_MAX]; /* model name */
    unsigned cores;            /* that this process may use */
    char kernel[RESULT_TEXT_MAX];
    bool has_hugepages;                /* the packet memory lies on huge pages */
    char driver[RESULT_TEXT_MAX];      /* of the port, as DPDK calls it */
    uint64_t driver_lines;             /* of errors, that DPDK, it and libraries under it wrote */
    char driver_said[RESULT_TEXT_MAX]; /* the first of them, cut; "" for none */
};

struct result_core {
    unsigned lcore;
    enum role role;
    unsigned rank;           /* whose it is: the place in result.ranks, plus 1; 0: of no rank */
    struct stat_block total; /* the whole run of this core */
};

/* A traffic class, of a run that has several. Frames and polls belong to no class, so such counters
 * are 0; open is what the others leave, while that of the totals is counted. */
struct result_class {
    const char *name;        /* borrowed from conf */
    struct stat_block total; /* of the side that totals are of */
};

/* X(name, live, need, counter, factor, meaning): a counter, or 8 times that for bits, per second;
 * O(...): the same of a protocol's own counter, by its name.
 * live  title of its column in the live line; NULL: it has none. Of several with factor 1 the last
 *       one shows whose need is met; those of bits have columns of their own. */
#define RESULT_RATES(X, O)                                                                         \
    X(cps, "cps", nothing, established, 1, "connections established per second")                   \
    X(rx_pps, NULL, nothing, rx_packets, 1, "frames received per second")                          \
    X(tx_pps, NULL, nothing, tx_packets, 1, "frames sent per second")                              \
    X(rx_bps, NULL, nothing, rx_bytes, 8, "bits received per second, without FCS and preamble")    \
    X(tx_bps, NULL, nothing, tx_bytes, 8, "bits sent per second, without FCS and preamble")        \
    X(rx_payload_bps, "rx payload", rx_payload, rx_payload_bytes, 8,                               \
      "bits of payload received per second, each byte counted once")                               \
    X(tx_payload_bps, "tx payload", tx_payload, tx_payload_bytes, 8,                               \
      "bits of payload sent per second, each byte counted once")                                   \
    X(tls_hps, "tls hps", tls, tls_handshakes, 1,                                                  \
      "TLS handshakes completed per second, resumed ones included")                                \
    X(rps, "rps", requests, responses, 1, "responses received per second")                         \
    O(tps, NULL, requests, http_good, 1,                                                           \
      "transactions per second: responses that are as asked for (RFC 9411 6.1)")                   \
    O(goodput_bps, NULL, requests, http_good_body_bytes, 8,                                        \
      "bits of the bodies of these per second, without heads, and each byte once")                 \
    O(header_bps, NULL, requests, http_header_bytes, 8,                                            \
      "bits of the heads of messages received per second")                                         \
    O(body_bps, NULL, requests, http_body_bytes, 8,                                                \
      "bits of the bodies of messages received per second")                                        \
    O(header_bps_sent, NULL, requests, http_header_bytes_sent, 8,                                  \
      "bits of the heads of messages sent per second")                                             \
    O(body_bps_sent, NULL, requests, http_body_bytes_sent, 8,                                      \
      "bits of the bodies of messages sent per second")

/* X(counter): those that intervals have. */
#define RESULT_INTERVAL_COUNTERS(X)                                                                \
    X(attempted)                                                                                   \
    X(established)                                                                                 \
    X(closed)                                                                                      \
    X(failed)                                                                                      \
    X(rx_packets)                                                                                  \
    X(tx_packets)                                                                                  \
    X(rx_payload_bytes)                                                                            \
    X(tx_payload_bytes)                                                                            \
    X(tls_handshakes)                                                                              \
    X(responses)                                                                                   \
    X(retransmits)                                                                                 \
    X(connections_busy)                                                                            \
    X(late_starts)                                                                                 \
    X(long_polls)                                                                                  \
    X(long_polls_ns)                                                                               \
    X(off_cpu_ns)

/* X(name, quantile): those of a latency that the reports give. */
#define RESULT_QUANTILES(X)                                                                        \
    X(p50, 0.5)                                                                                    \
    X(p90, 0.9)                                                                                    \
    X(p95, 0.95)                                                                                   \
    X(p99, 0.99)                                                                                   \
    X(p999, 0.999)                                                                                 \
    X(p9999, 0.9999)

enum result_quantile {
#define X(name, quantile) QUANTILE_##name,
    RESULT_QUANTILES(X)
#undef X
        QUANTILE_COUNT
};

/* One row of the live line. Counts are those of the interval, rates are by its length; on loopback
 * they are the client's, as in the totals. */
struct result_interval {
    double t_s; /* the interval's end, from the start of the run */
#define X(name) uint64_t name;
    RESULT_INTERVAL_COUNTERS(X)
#undef X
    uint64_t open; /* at the end */
    uint64_t longest_poll_ns;
#define X(name, live, need, counter, factor, meaning) double name;
    RESULT_RATES(X, X)
#undef X
    bool has_role[ROLE_COUNT];
    double busy[ROLE_COUNT]; /* 0..1: the mean of the role's cores */
    struct result_latency {
        uint64_t count, max_ns, quantile_ns[QUANTILE_COUNT]; /* 0 for none */
    } latency[STAT_LATENCIES_MAX]; /* of the rows that intervals tell of (rows.h) */
};

/* RESULT_RATES as a table. */
struct report_rate {
    const char *name; /* JSON key */
    const char *live;
    enum stat_need need;
    enum stat_counter counter; /* of the list, */
    const char *own;           /* or a protocol's; NULL: of the list */
    unsigned factor;
    const char *meaning;
    size_t offset; /* of the field in struct result_interval */
};

extern const struct report_rate report_rates[];
extern const size_t n_report_rates;

/* RESULT_INTERVAL_COUNTERS as a table. */
struct report_interval_counter {
    enum stat_counter counter;
    size_t offset;
};

extern const struct report_interval_counter report_interval_counters[];
extern const size_t n_report_interval_counters;

/** The value of @rate in a row. */
static inline double
report_interval_rate(const struct result_interval *i, const struct report_rate *rate)
{
    return *(const double *)((const char *)i + rate->offset);
}

/* How one clock stood against another, and how certain that is. */
struct result_clock {
    double offset_us, uncertainty_us;
};

/* A process of a run that several machines made together. */
struct result_rank {
    unsigned rank;
    char host[RESULT_HOST_MAX];
    bool has_clock;                 /* rank 0 has none but its own */
    struct result_clock begin, end; /* rank 0's clock less this one's */
    bool has_drift;
    double drift_ppm, drift_uncertainty_ppm; /* how much faster rank 0's clock went */
};

/* One of them that was not heard of any more. */
struct result_lost {
    bool has_happened;
    unsigned rank;
    char host[RESULT_HOST_MAX];
    double since_s; /* from the start of the run; negative: before it */
};

/* How well starts kept to their schedule: a start is on time within 100 us of its intended
 * instant. */
struct result_adherence {
    uint64_t due,
        on_time; /* due: begun, or dropped at the stop for being too late; 0: no schedule */
};

/* A run that was stopped because its target had fallen silent. */
struct result_dead_man {
    bool has_fired;
    double silent_s, stopped_s; /* since when nothing had come, and when the load was stopped; from
                                   the start of the run */
};

/* A run that was ended by a criterion (report/criteria.h). */
struct result_abort {
    bool has_fired;
    double t_s; /* from the start of the run */
    char criterion[128];
};

/* The rate was changed while the load went on; in starts per thousand seconds. */
struct result_rate_change {
    double t_s; /* from the start of the run */
    uint64_t from_milli, to_milli;
};

/* More are counted only. */
#define RESULT_RATE_CHANGES_MAX 256u

/* What a load would take of the host. */
struct result_plan {
    unsigned n_workers, n_queues, mtu;
    bool tx_csum, rx_csum, tso, multi_seg;    /* what the port does */
    uint64_t available_bytes, headroom_bytes; /* of memory, and of it for connections; 0: unknown */
    uint64_t client_bytes, server_bytes;      /* that connections need */
    uint64_t tuples, tuples_needed;           /* 0: no client */
};

struct doctor;
struct criteria;
struct result_search;

struct result {
    const char *version;         /* this program's */
    const char *dpdk_version;    /* "DPDK 22.11.11" as DPDK says it */
    const char *openssl_version; /* "3.0.17" as the library in use says it; NULL: not known */
    const char *tls_provider;    /* what computes for TLS: "openssl", "crypto_mb", ... */
    const struct conf *conf;     /* with defaults filled in */
    struct result_host host;

    unsigned n_processes; /* whose results were merged in this one; 0: it is one's own */

    struct result_rank ranks[CONF_RESULTS_MAX]; /* those that this is of */
    unsigned n_ranks;                           /* 0: the run was this process's alone */
    struct result_lost lost;

    time_t started_at;
    double duration_s; /* from the start to the stop of the load; the drain is not in it */
    bool interrupted;  /* by the user, before the planned end */
    bool is_running;   /* what it has so far */

    struct stat_block totals;  /* the client's side on loopback, else the only side */
    struct result_core *cores; /* n_cores, owned */
    unsigned n_cores;
    struct result_class *classes; /* n_classes, owned; none where the run has one class */
    unsigned n_classes;
    struct result_interval *intervals; /* n_intervals, owned */
    size_t n_intervals, intervals_max;
    uint64_t intervals_omitted;
    struct result_adherence worst_second; /* the one with the least share of starts on time */
    double worst_second_s;                /* its end; both 0: there was none */

    struct result_dead_man dead_man;
    struct result_abort abort;

    struct result_rate_change rate_changes[RESULT_RATE_CHANGES_MAX];
    unsigned n_rate_changes;
    uint64_t rate_changes_omitted;

    /* Where the load has phases, the part of it that is measured; rates, latencies, criteria and
     * verdict are of that. Owned; its rows are this one's. NULL: all of it. */
    struct result *measured;
    double measured_begin_s, measured_end_s;

    /* The same of phases beside it that criteria are of; NULL: nothing is known of it. */
    struct result *phases[PHASE_COUNT];

    struct steering_facts steering;

    struct icmp_origin icmp[ICMP_ERROR_KINDS]; /* the first error of each kind about our packets */

    struct middle_tally *middle; /* between two ports, of the whole run; owned; NULL: nothing is */

    uint64_t records; /* connection records of all client cores; 0: no client */
    double bytes_per_connection[ROLE_COUNT]; /* memory for one connection; 0: no such side */
    uint64_t bytes_per_stream; /* more while it carries payload, buffers apart; 0: none does */

    bool has_tls;         /* whether this run speaks TLS; without it nothing is said of TLS */
    struct tls_tally tls; /* of the side that totals are of */

    bool has_http;          /* the same for HTTP */
    struct http_tally http; /* of that side, too */

    struct result_plan plan;     /* of a check; a run has taken it already, and has tuples only */
    const struct doctor *doctor; /* of a doctor, io/doctor.h; NULL elsewhere */

    const struct result_search *search; /* report/search.h; NULL: the run was none */

    const struct criteria *criteria; /* judged (report/criteria.h); NULL: there are none */
};

/**
 * Make an empty result with room for @n_cores; all of a core's values but the empty block are the
 * caller's to set. The intervals' array grows as they come.
 *
 * @return 0, or -1 with @f set (EXIT_HOST) when there is no memory.
 */
int report_result_init(struct result *r, unsigned n_cores, struct fail *f);
void report_result_fini(struct result *r);

/**
 * Have a total for each class of @c, which has to last as long as @r; none with one class.
 *
 * @return 0, or -1 with @f set (EXIT_HOST) when there is no memory.
 */
int report_result_init_classes(struct result *r, const struct conf *c, struct fail *f);

/** Take over from @run what is true of any part of it: what was asked, the tool, the host, the
 * device, what is known of the whole run only. Figures, cores, classes and rows stay @part's. */
void report_result_copy_facts(struct result *part, const struct result *run);

/** Connections of a class that have begun and are neither closed nor failed, of a whole run. */
static inline uint64_t
report_result_open_of(const struct stat_block *b)
{
    return b->counters[CTR_attempted] - b->counters[CTR_closed] - b->counters[CTR_failed];
}

/** What is measured: the run, or the part of it that is. */
static inline const struct result *
report_result_measured(const struct result *r)
{
    return r->measured != NULL ? r->measured : r;
}

/** Take over @part, which is empty then, as what was measured from @begin_s on. Without memory for
 * it all of the run is. */
void report_result_take_measured(struct result *r, struct result *part, double begin_s);

/** The same of another phase. Without memory for it nothing is known of it. */
void report_result_take_phase(struct result *r, enum conf_phase_id phase, struct result *part);

void report_result_add_rate_change(struct result *r, const struct result_rate_change *change);

/** Add what core @core_idx counted in class @class_idx. */
void report_result_add_class(struct result *r, unsigned core_idx, unsigned class_idx,
                             const struct stat_block *b);

/**
 * Make an interval's row from the blocks of that interval, merged over the cores of each role.
 *
 * @param client, server  NULL when this run has no such side; not both
 * @param t_s             the interval's end, from the start of the run
 */
struct result_interval report_result_interval(const struct stat_block *client,
                                              const struct stat_block *server, double t_s);

/** Memory for the rows of a run of @c: of one without an end, for those of its first hour. */
uint64_t report_result_intervals_bytes(const struct conf *c);

/** Append @i. Beyond RESULT_INTERVALS_MAX, or without memory, it is only counted as left out. */
void report_result_add_interval(struct result *r, const struct result_interval *i);

/** The rows of @run that lie between two instants, to within a few ms: workers end an interval when
 * they get to it. @return the first of *n; NULL: there is none */
struct result_interval *report_result_rows(const struct result *run, double begin_s, double end_s,
                                           size_t *n);

/** A second of the run has ended: see whether it is the worst. */
void report_result_note_second(struct result *r, const struct result_interval *second);

/** Of the whole run. */
struct result_adherence report_result_adherence(const struct result *r);

/** 0..1; 1 where nothing was due. */
double report_adherence_share(const struct result_adherence *a);

/** Set totals to the sum of the cores' totals: the clients' if there are any, else the servers';
 * and what is open in each class. */
void report_result_sum(struct result *r);

/**
 * Check attempted = closed + failed + open on each core and in the totals, that the failure causes
 * add up to failed, and that the totals are the sum of the cores, and of the classes.
 *
 * @return 0, or -1 with @f set (EXIT_CRITERION): names the core and the numbers; print it loudly
 * and report all the same.
 */
int report_result_check_identity(const struct result *r, struct fail *f);

/** Whether there were connections and every one of them failed: of a client, for what comes to a
 * server is its clients' affair. */
bool report_result_has_failed(const struct result *r);

/**
 * Whether the generator began anything. One that could not says nothing of its target.
 *
 * @return 0; -1 with @f set (EXIT_CRITERION): why not; print it and report all the same.
 */
int report_result_check_begun(const struct result *r, struct fail *f);

/**
 * Whether the target answered to the end of the load.
 *
 * @return 0; -1 with @f set (EXIT_CRITERION): since when it did not, after what
 */
int report_result_check_alive(const struct result *r, struct fail *f);

/** Whether any class has its connections confirmed, and how many were, of those classes. What is
 * proof is the class's (conf_class.confirm). */
bool report_result_has_confirm(const struct result *r);
uint64_t report_result_confirmed(const struct result *r);

/** Connections established of those classes. */
uint64_t report_result_to_confirm(const struct result *r);

/** Those among them that were established, are not open any more, and were neither confirmed nor
 * failed: a failure has a cause of its own. */
uint64_t report_result_unconfirmed(const struct result *r);

/** Of the exchanges that -n asks for, those that were not made. */
uint64_t report_result_left(const struct result *r);

/** Whether any core has the role. */
bool report_result_has_role(const struct result *r, enum role role);

/** The side that totals are of: the clients if there are any, else the servers. */
enum role report_result_totals_role(const struct result *r);

/** The counter, or the failure cause, summed over the role's cores. */
uint64_t report_result_role_sum(const struct result *r, enum role role, enum stat_counter counter);
uint64_t report_result_role_failures(const struct result *r, enum role role,
                                     enum stat_failure cause);

/** The counter over the cores of both sides, where loopback has both. */
uint64_t report_result_all_sum(const struct result *r, enum stat_counter counter);

/** Share of the block's time in which the core had something to do, 0..1; 0 for an empty block. */
double report_busy(const struct stat_block *b);

/* RESULT_QUANTILES as a table. */
struct report_quantile {
    const char *name; /* JSON key */
    double quantile;
};

extern const struct report_quantile report_quantiles[];
extern const size_t n_report_quantiles;

/** @rate of @b, the totals or a class's. */
double report_result_rate_of(const struct result *r, const struct report_rate *rate,
                             const struct stat_block *b);

/** @n per second of the run; 0 for a run without duration. */
double report_result_rate(const struct result *r, uint64_t n);

#define RESULT_CORE_TEXT_MAX (RESULT_HOST_MAX + 48)

/** "worker 3", or "worker 3 of host a (rank 1)". Returns @buf. */
const char *report_result_core_name(const struct result *r, const struct result_core *core,
                                    char buf[static RESULT_CORE_TEXT_MAX]);

/** "client", "server". */
extern const char *const result_role_names[ROLE_COUNT];
