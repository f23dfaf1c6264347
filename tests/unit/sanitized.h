/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether a sanitizer keeps malloc(), gcc's way of telling and clang's. */
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#define IS_SANITIZED (__has_feature(address_sanitizer) || __has_feature(memory_sanitizer))
#else
#define IS_SANITIZED 0
#endif
