// SPDX-License-Identifier: GPL-2.0
/* States: Documentation/livepatch/system-state.rst. */
#include "lpi.h"

LPI_REPLACEMENT(vmstat_start)

static struct klp_func functions[] = { LPI_FUNCTION(vmstat_start, 0), {} };
static struct klp_object objects[] = { { .funcs = functions }, {} };
static struct klp_state states[] = { { .id = 7, .version = 3 }, { .id = 0x100000001, .version = 1 }, {} };
static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objects, .states = states, .replace = true };

LPI_MODULE(&patch);
