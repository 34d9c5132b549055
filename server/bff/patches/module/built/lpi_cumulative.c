// SPDX-License-Identifier: GPL-2.0
/* Cumulative; functions of which the kernel has several of one name. */
#include "lpi.h"

LPI_REPLACEMENT(meminfo_proc_show)
LPI_REPLACEMENT(show)
LPI_REPLACEMENT(store)

static struct klp_func functions[] = {
	LPI_FUNCTION(meminfo_proc_show, 0), LPI_FUNCTION(show, 2), LPI_FUNCTION(store, 117), {}
};
static struct klp_object objects[] = { { .funcs = functions }, {} };
static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objects, .replace = true };

LPI_MODULE(&patch);
