/* SPDX-License-Identifier: BSD-3-Clause */
/* A snapshot as OpenTelemetry has it: an ExportMetricsServiceRequest in the JSON form of OTLP 1.x
 * (opentelemetry-proto, metrics/v1), whose integers of 64 bits are strings and whose enums are
 * numbers. Sums and histograms are cumulative from the snapshot's beginning. Pure. */
#pragma once

#include "metrics/family.h"

/* What sends it. */
struct otlp_resource {
    const char *host;     /* this host's name; "": not known */
    const char *instance; /* differs from process to process */
    unsigned process_id;
};

/** @return the text, to be freed; NULL: there is no memory */
char *otlp_text(const struct metrics_snapshot *s, const struct otlp_resource *from);
