/* SPDX-License-Identifier: BSD-3-Clause */
/* See push.h. */
#include "metrics/push.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/console.h"
#include "base/timespec.h"
#include "metrics/otlp.h"

static const char PATH[] = "/v1/metrics"; /* the OTLP specification's default */

/* A collector that does not answer at once is not going to in time for the next push. */
static const long CONNECT_MS = 2000, PUSH_MS = 5000;

/* After PUSH_END_NS everything is told to come back; libcurl asks once a second. */
static const uint64_t GRACE_NS = 1500 * NS_PER_MS;

enum { HEADER_MAX = 1024, SAID_MAX = 160 };

struct push {
    char *url;
    struct curl_slist *headers;
    CURL *curl;
    uint64_t period_ns;
    struct otlp_resource from;
    char host[256], instance[64], agent[64];
    char error[CURL_ERROR_SIZE];
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t ends;
    /* -- by lock -- */
    struct metrics_board *board; /* not looked at any more when it ends */
    struct metrics_snapshot *last;
    bool is_ending;
    uint64_t end_ns; /* with is_ending: when everything has to come back */
    /* -- the thread's -- */
    uint64_t pushed_unix_ns; /* when the last one that was pushed was taken */
    struct push_counts counts;
};

static uint64_t
now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return timespec_ns(&t);
}

/* -- a push ------------------------------------------------------------------------------- */

/* What a collector answers is its status; of the text the beginning is kept for who reads why. */
struct answer {
    char said[SAID_MAX];
    size_t length;
};

static size_t
take_answer(char *bytes, size_t size, size_t n, void *arg)
{
    struct answer *a = arg;
    size_t kept = size * n;

    if (kept > sizeof(a->said) - 1 - a->length)
        kept = sizeof(a->said) - 1 - a->length;
    for (size_t i = 0; i < kept; i++) /* it goes to a terminal */
        a->said[a->length++] = bytes[i] >= ' ' && bytes[i] < 0x7f ? bytes[i] : ' ';
    return size * n;
}

/* Not 0: the transfer is given up. */
static int
see_whether_to_go_on(void *arg, curl_off_t to_get, curl_off_t got, curl_off_t to_send,
                     curl_off_t sent)
{
    struct push *p = arg;
    bool is_late;

    (void)to_get, (void)got, (void)to_send, (void)sent;
    pthread_mutex_lock(&p->lock);
    is_late = p->is_ending && now_ns() >= p->end_ns;
    pthread_mutex_unlock(&p->lock);
    return is_late;
}

static void
say_once(struct push *p, const char *why)
{
    if (p->counts.failed++ == 0)
        fprintf(console_stream(),
                "shakedown: warning: --otlp %s: %s; the run goes on, and further failures are "
                "counted\n",
                p->url, why);
}

/* "partialSuccess" with something rejected: a collector that took the request, and not all of it.
 * It is looked for as text, since the answer of one that took everything is empty or "{}". */
static bool
is_rejected(const struct answer *a)
{
    const char *n = strstr(a->said, "\"rejectedDataPoints\"");

    return n != NULL && strpbrk(n, "123456789") != NULL;
}

static void
judge(struct push *p, CURLcode code, const struct answer *a)
{
    char why[SAID_MAX + 64];
    long status = 0;

    curl_easy_getinfo(p->curl, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK)
        say_once(p, p->error[0] != '\0' ? p->error : curl_easy_strerror(code));
    else if (status < 200 || status > 299 || is_rejected(a)) {
        snprintf(why, sizeof(why), "the collector answers with status %ld%s%s", status,
                 a->length > 0 ? ": " : "", a->said);
        say_once(p, why);
    }
}

static void
push(struct push *p, struct metrics_snapshot *s)
{
    struct answer a = {.length = 0};
    char *body;

    if (s == NULL || s->taken_unix_ns == p->pushed_unix_ns) {
        metrics_snapshot_release(s);
        return;
    }
    body = otlp_text(s, &p->from);
    p->pushed_unix_ns = s->taken_unix_ns;
    metrics_snapshot_release(s);
    p->counts.made++;
    if (body == NULL) {
        say_once(p, "not enough memory for what is to be pushed");
        return;
    }
    p->error[0] = '\0';
    curl_easy_setopt(p->curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(p->curl, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
    curl_easy_setopt(p->curl, CURLOPT_WRITEDATA, &a);
    judge(p, curl_easy_perform(p->curl), &a);
    free(body);
}

static void *
push_in_periods(void *arg)
{
    struct push *p = arg;
    uint64_t due_ns = now_ns() + p->period_ns, left_ns;

    pthread_mutex_lock(&p->lock);
    while (!p->is_ending) {
        struct timespec due = timespec_of_ns(due_ns);
        struct metrics_snapshot *s;

        if (now_ns() < due_ns) {
            pthread_cond_timedwait(&p->ends, &p->lock, &due);
            continue;
        }
        s = metrics_board_take(p->board);
        pthread_mutex_unlock(&p->lock);
        push(p, s);
        due_ns = u64_max(due_ns + p->period_ns, now_ns());
        pthread_mutex_lock(&p->lock);
    }
    left_ns = p->end_ns - u64_min(p->end_ns, now_ns());
    pthread_mutex_unlock(&p->lock);
    curl_easy_setopt(p->curl, CURLOPT_TIMEOUT_MS, (long)(left_ns / NS_PER_MS) + 1);
    push(p, p->last);
    return NULL;
}

/* -- life --------------------------------------------------------------------------------- */

/* @url, with the path that collectors have where it has none. NULL: no URL, or no memory. */
static char *
whole_url(const char *url)
{
    CURLU *u = curl_url();
    char *path = NULL, *text = NULL, *whole = NULL;

    if (u != NULL && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(u, CURLUPART_PATH, &path, 0) == CURLUE_OK) {
        if (strcmp(path, "/") == 0)
            (void)curl_url_set(u, CURLUPART_PATH, PATH, 0);
        if (curl_url_get(u, CURLUPART_URL, &text, 0) == CURLUE_OK)
            whole = strdup(text);
    }
    curl_free(text);
    curl_free(path);
    curl_url_cleanup(u);
    return whole;
}

/* One "NAME=VALUE" of the environment's; what is none, or would break the request, is left out. */
static void
add_header(struct push *p, const char *pair, size_t length)
{
    const char *sign = memchr(pair, '=', length);
    char text[HEADER_MAX];
    char *value;
    int n;

    if (sign == NULL || sign == pair)
        return;
    value = curl_easy_unescape(p->curl, sign + 1, (int)(length - (size_t)(sign + 1 - pair)), &n);
    if (value != NULL && strlen(value) == (size_t)n && strpbrk(value, "\r\n") == NULL &&
        snprintf(text, sizeof(text), "%.*s: %s", (int)(sign - pair), pair, value) <
            (int)sizeof(text))
        p->headers = curl_slist_append(p->headers, text);
    curl_free(value);
}

static void
add_headers(struct push *p, const char *pairs)
{
    p->headers = curl_slist_append(NULL, "Content-Type: application/json");
    p->headers = curl_slist_append(p->headers, "Expect:");
    while (pairs != NULL && *pairs != '\0') {
        size_t length = strcspn(pairs, ",");
        size_t spaces = strspn(pairs, " ");

        if (spaces < length)
            add_header(p, pairs + spaces, length - spaces);
        pairs += length + (pairs[length] == ',');
    }
}

static void
prepare_requests(struct push *p, const char *ca_file)
{
    if (ca_file != NULL)
        curl_easy_setopt(p->curl, CURLOPT_CAINFO, ca_file);
    curl_easy_setopt(p->curl, CURLOPT_URL, p->url);
    curl_easy_setopt(p->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(p->curl, CURLOPT_HTTPHEADER, p->headers);
    curl_easy_setopt(p->curl, CURLOPT_USERAGENT, p->agent);
    curl_easy_setopt(p->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(p->curl, CURLOPT_QUICK_EXIT, 1L); /* a resolver that hangs is left alone */
    curl_easy_setopt(p->curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    curl_easy_setopt(p->curl, CURLOPT_TIMEOUT_MS, PUSH_MS);
    curl_easy_setopt(p->curl, CURLOPT_ERRORBUFFER, p->error);
    curl_easy_setopt(p->curl, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(p->curl, CURLOPT_XFERINFOFUNCTION, see_whether_to_go_on);
    curl_easy_setopt(p->curl, CURLOPT_XFERINFODATA, p);
    curl_easy_setopt(p->curl, CURLOPT_NOPROGRESS, 0L);
}

static void
describe_source(struct push *p, const char *version)
{
    if (gethostname(p->host, sizeof(p->host) - 1) != 0)
        p->host[0] = '\0';
    snprintf(p->instance, sizeof(p->instance), "%" PRIx64 "-%d", now_ns(), (int)getpid());
    snprintf(p->agent, sizeof(p->agent), "shakedown/%s", version);
    p->from = (struct otlp_resource){
        .host = p->host, .instance = p->instance, .process_id = (unsigned)getpid()};
}

static void
destroy(struct push *p)
{
    curl_slist_free_all(p->headers);
    if (p->curl != NULL)
        curl_easy_cleanup(p->curl);
    pthread_cond_destroy(&p->ends);
    pthread_mutex_destroy(&p->lock);
    free(p->url);
    free(p);
    curl_global_cleanup();
}

struct push *
push_new(const struct push_opts *opts, struct fail *f)
{
    struct push *p = calloc(1, sizeof(*p));

    if (p == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(p);
        fail_set(f, EXIT_HOST, "--otlp: not enough memory");
        return NULL;
    }
    pthread_mutex_init(&p->lock, NULL);
    cond_init_monotonic(&p->ends);
    p->board = opts->board;
    p->period_ns = opts->period_ns;
    p->curl = curl_easy_init();
    p->url = whole_url(opts->url);
    if (p->curl != NULL && p->url != NULL) {
        describe_source(p, opts->version);
        add_headers(p, opts->headers);
        prepare_requests(p, opts->ca_file);
        if (pthread_create(&p->thread, NULL, push_in_periods, p) == 0)
            return p;
    }
    destroy(p);
    fail_set(f, EXIT_HOST, "--otlp: %s is no URL that can be pushed to", opts->url);
    return NULL;
}

void
push_free(struct push *p, struct push_counts *counts)
{
    struct timespec until;

    *counts = (struct push_counts){0};
    if (p == NULL)
        return;
    pthread_mutex_lock(&p->lock);
    p->last = metrics_board_take(p->board);
    p->is_ending = true;
    p->end_ns = now_ns() + PUSH_END_NS;
    until = timespec_of_ns(p->end_ns + GRACE_NS);
    pthread_cond_signal(&p->ends);
    pthread_mutex_unlock(&p->lock);
    if (pthread_clockjoin_np(p->thread, NULL, CLOCK_MONOTONIC, &until) != 0) {
        (void)pthread_detach(p->thread); /* it has all it needs, and ends with the process */
        return;
    }
    *counts = p->counts;
    destroy(p);
}
