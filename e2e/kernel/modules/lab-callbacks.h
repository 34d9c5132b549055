/* SPDX-License-Identifier: GPL-2.0 */
/* Callbacks that only say when they are called and for which object: Documentation/livepatch/callbacks.rst. */
#ifndef LAB_CALLBACKS_H
#define LAB_CALLBACKS_H

#include "livepatch-module.h"

static const char *lab_object_name(struct klp_object *object)
{
	return object->name ?: "vmlinux";
}

#define LAB_CALLBACK(callback)                                              \
	static void lab_##callback(struct klp_object *object)               \
	{                                                                   \
		pr_info("%s: " #callback " %s\n", KBUILD_MODNAME,           \
			lab_object_name(object));                           \
	}
LAB_CALLBACK(post_patch)
LAB_CALLBACK(pre_unpatch)
LAB_CALLBACK(post_unpatch)

static int pre_patch_ret;
module_param(pre_patch_ret, int, 0644);
MODULE_PARM_DESC(pre_patch_ret, "What pre_patch answers");

static int lab_pre_patch(struct klp_object *object)
{
	pr_info("%s: pre_patch %s\n", KBUILD_MODNAME, lab_object_name(object));
	return READ_ONCE(pre_patch_ret);
}

#define LAB_CALLBACKS                                                       \
	{                                                                   \
		.pre_patch = lab_pre_patch, .post_patch = lab_post_patch,   \
		.pre_unpatch = lab_pre_unpatch,                             \
		.post_unpatch = lab_post_unpatch,                           \
	}

#endif
