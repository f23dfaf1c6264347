/* SPDX-License-Identifier: BSD-3-Clause */
/* Files that a page is made of, as they were when shakedown was built (embed.py). */
#pragma once

extern const char page_style[], page_script[];               /* report.css, report.js */
extern const char page_charts_style[], page_charts_script[]; /* dygraphs; "": it was not there */
