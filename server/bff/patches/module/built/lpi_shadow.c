// SPDX-License-Identifier: GPL-2.0
/* Shadow variables: Documentation/livepatch/shadow-vars.rst. */
#include "lpi.h"

static int livepatch_do_exit(void *object)
{
	long *count = klp_shadow_get_or_alloc(object, 1, sizeof(*count), GFP_KERNEL, NULL, NULL);

	return count ? 0 : -ENOMEM;
}

static void forget(struct klp_object *object)
{
	klp_shadow_free_all(1, NULL);
}

static struct klp_func functions[] = { LPI_FUNCTION(do_exit, 0), {} };
static struct klp_object objects[] = { { .funcs = functions, .callbacks = { .post_unpatch = forget } }, {} };
static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objects };

LPI_MODULE(&patch);
