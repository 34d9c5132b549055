// SPDX-License-Identifier: GPL-2.0
/* Its code makes the tables when it is loaded: the file does not show them. */
#include <linux/slab.h>

#include "lpi.h"

LPI_REPLACEMENT(vmstat_start)

static struct klp_patch *made(void)
{
	struct klp_patch *patch = kzalloc(sizeof(*patch), GFP_KERNEL);
	struct klp_object *objects = kcalloc(2, sizeof(*objects), GFP_KERNEL);
	struct klp_func *functions = kcalloc(2, sizeof(*functions), GFP_KERNEL);

	functions[0] = (struct klp_func)LPI_FUNCTION(vmstat_start, 0);
	objects[0].funcs = functions;
	patch->mod = THIS_MODULE;
	patch->objs = objects;
	return patch;
}

LPI_MODULE(made());
