/* SPDX-License-Identifier: BSD-3-Clause */
/* Values of a result's JSON, read with what is there in mind: a key that an older program did not
 * write is 0 or "". Control thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "report/result.h"

/** The count, the number, the text, whether it is true, at @key of @o; 0, "" or false for none. */
uint64_t earlier_count(const json_t *o, const char *key);
double earlier_number(const json_t *o, const char *key);
const char *earlier_text(const json_t *o, const char *key);
bool earlier_flag(const json_t *o, const char *key);

/** The whole number next to @number; 0 for one that no figure of ours is. */
uint64_t earlier_whole(double number);

/** The counts of @o, as in "totals". */
void earlier_counts(struct stat_block *b, const json_t *o);

/** The latencies of @o, as in "latency". @return false: a distribution does not add up to its
 * count, or has a bucket that there is not */
bool earlier_latencies(struct stat_block *b, const json_t *o);

/** A histogram. @return as above */
bool earlier_hist(struct hist *h, const json_t *o);

/** A row of "intervals". */
void earlier_intervals(struct result *r, const json_t *rows);

/** What was negotiated, the statuses, how packets were steered, and who sent ICMP errors. */
void earlier_tls(struct result *r, const json_t *o);
void earlier_http(struct result *r, const json_t *o);
void earlier_steering(struct result *r, const json_t *o);
void earlier_icmp(struct result *r, const json_t *list);

/** What became of frames between two ports. */
void earlier_middle(struct result *r, const json_t *o);

/** The processes of a run that several made, and the one that was lost; and whose a core is, after
 * that: the place in r->ranks, plus 1, or 0. */
void earlier_ranks(struct result *r, const json_t *root);
unsigned earlier_rank_of(const struct result *r, const json_t *core);
