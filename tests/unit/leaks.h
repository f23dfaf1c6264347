/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory that nothing points to any more. The sanitizer's own check comes at the end of a test's
 * process, when Criterion has counted it as passed already; so it is asked for here. */
#pragma once

#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAS_LEAK_CHECK 1
#elif defined(__has_feature)
#define HAS_LEAK_CHECK __has_feature(address_sanitizer)
#else
#define HAS_LEAK_CHECK 0
#endif

#if HAS_LEAK_CHECK
#include <sanitizer/lsan_interface.h>
#endif

/* In a suite's fini, when all is given back; there Criterion takes no assertion into account, but a
 * crash. Without a sanitizer nothing is looked at. */
static inline void
expect_no_leaks(void)
{
#if HAS_LEAK_CHECK
    if (__lsan_do_recoverable_leak_check() != 0)
        abort();
#endif
}
