// SPDX-License-Identifier: GPL-2.0
/* One function of the kernel's; all that a module may say of itself in words. */
#include "lpi.h"

LPI_REPLACEMENT(cmdline_proc_show)

static struct klp_func functions[] = { LPI_FUNCTION(cmdline_proc_show, 0), {} };
static struct klp_object objects[] = { { .funcs = functions }, {} };
static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objects };

LPI_MODULE(&patch);
MODULE_VERSION("1.4-2");
MODULE_AUTHOR("A. Author");
MODULE_AUTHOR("B. Author");
MODULE_DESCRIPTION("Mends CVE-2024-1086 and cve-2023-32233; not xCVE-2020-00001");
MODULE_INFO(cve, "CVE-2026-0001,CVE-2024-1086");
