// SPDX-License-Identifier: GPL-2.0
/* Callbacks for three objects; a function only in the busy one, so that a task there can be in the way. */
#include "lab-callbacks.h"

static void livepatch_lab_busy_work(void)
{
}

static struct klp_func nothing[] = { {} };
static struct klp_func busy[] = { LAB_FUNCTION(lab_busy_work, livepatch_lab_busy_work), {} };
static struct klp_object objects[] = {
	{ .funcs = nothing, .callbacks = LAB_CALLBACKS },
	{ .name = "lab_target", .funcs = nothing, .callbacks = LAB_CALLBACKS },
	{ .name = "lab_busy", .funcs = busy, .callbacks = LAB_CALLBACKS },
	{}
};
static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objects };

static int __init lp_callbacks_init(void)
{
	return klp_enable_patch(&patch);
}

LAB_LIVEPATCH_OF(lp_callbacks_init);
