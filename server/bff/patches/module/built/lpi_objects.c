// SPDX-License-Identifier: GPL-2.0
/* Functions of two modules and of the kernel; callbacks, of which not each object has each. */
#include "lpi.h"

LPI_REPLACEMENT(ext4_map_blocks)
LPI_REPLACEMENT(ext4_readdir)
LPI_REPLACEMENT(veth_xmit)
LPI_REPLACEMENT(do_sys_open)

static int before(struct klp_object *object)
{
	return object->patched ? -EBUSY : 0;
}

static void after(struct klp_object *object)
{
	pr_info("after %s\n", object->name);
}

static struct klp_func of_ext4[] = { LPI_FUNCTION(ext4_map_blocks, 0), LPI_FUNCTION(ext4_readdir, 1), {} };
static struct klp_func of_kernel[] = { LPI_FUNCTION(do_sys_open, 0), {} };
static struct klp_func of_veth[] = { LPI_FUNCTION(veth_xmit, 0), {} };
static struct klp_func none[] = { {} };
static struct klp_object objects[] = {
	{ .name = "ext4", .funcs = of_ext4, .callbacks = { .pre_patch = before, .post_unpatch = after } },
	{ .funcs = of_kernel },
	{ .name = "veth", .funcs = of_veth, .callbacks = { .post_patch = after, .pre_unpatch = after } },
	{ .name = "nf_tables", .funcs = none },
	{}
};
static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objects };

LPI_MODULE(&patch);
