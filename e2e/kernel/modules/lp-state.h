/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A cumulative patch that changes something in the system and says by which version of the change, so that the next one
 * can take it over: Documentation/livepatch/system-state.rst. What is changed is a number of its own.
 */
#ifndef LAB_LP_STATE_H
#define LAB_LP_STATE_H

#include <linux/slab.h>

#include "livepatch-module.h"

#define LAB_STATE 1
#define lab_says(text) pr_info("%s: " text "\n", KBUILD_MODNAME)

static struct klp_patch patch;

static int lab_pre_patch(struct klp_object *object)
{
	struct klp_state *own = klp_get_state(&patch, LAB_STATE);

	if (klp_get_prev_state(LAB_STATE)) {
		lab_says("finds it allocated");
		return 0;
	}
	own->data = kzalloc(sizeof(long), GFP_KERNEL);
	if (!own->data)
		return -ENOMEM;
	lab_says("allocates");
	return 0;
}

static void lab_post_patch(struct klp_object *object)
{
	struct klp_state *own = klp_get_state(&patch, LAB_STATE);
	struct klp_state *before = klp_get_prev_state(LAB_STATE);

	if (before) {
		own->data = before->data;
		lab_says("takes over");
	} else {
		*(long *)own->data = 1;
		lab_says("changes");
	}
}

static void lab_pre_unpatch(struct klp_object *object)
{
	struct klp_state *own = klp_get_state(&patch, LAB_STATE);

	*(long *)own->data = 0;
	lab_says("restores");
}

static void lab_post_unpatch(struct klp_object *object)
{
	struct klp_state *own = klp_get_state(&patch, LAB_STATE);

	kfree(own->data);
	own->data = NULL;
	lab_says("frees");
}

static struct klp_func nothing[] = { {} };
static struct klp_object objects[] = {
	{
		.funcs = nothing,
		.callbacks = {
			.pre_patch = lab_pre_patch, .post_patch = lab_post_patch,
			.pre_unpatch = lab_pre_unpatch, .post_unpatch = lab_post_unpatch,
		},
	},
	{}
};
static struct klp_state states[] = { { .id = LAB_STATE, .version = LAB_STATE_VERSION }, {} };
static struct klp_patch patch = {
	.mod = THIS_MODULE, .objs = objects, .states = states, .replace = true,
};

static int __init lp_state_init(void)
{
	return klp_enable_patch(&patch);
}

LAB_LIVEPATCH_OF(lp_state_init);

#endif
