// SPDX-License-Identifier: GPL-2.0
/* Callbacks of a second patch; with replace=1 it is cumulative. */
#include "lab-callbacks.h"

static bool replace;
module_param(replace, bool, 0444);
MODULE_PARM_DESC(replace, "Take all earlier patches' place");

static struct klp_func nothing[] = { {} };
static struct klp_object objects[] = { { .funcs = nothing, .callbacks = LAB_CALLBACKS }, {} };
static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objects };

static int __init lp_callbacks_too_init(void)
{
	patch.replace = replace;
	return klp_enable_patch(&patch);
}

LAB_LIVEPATCH_OF(lp_callbacks_too_init);
