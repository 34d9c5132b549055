/* SPDX-License-Identifier: GPL-2.0 */
/* What every livepatch of the lab shares: Documentation/livepatch/livepatch.rst, "Livepatch module". */
#ifndef LAB_LIVEPATCH_MODULE_H
#define LAB_LIVEPATCH_MODULE_H

#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/stringify.h>

#define LAB_FUNCTION(name, replacement) { .old_name = __stringify(name), .new_func = replacement }

/* The module's functions around `start`, which enables its patch. */
#define LAB_LIVEPATCH_OF(start)                                                  \
	static void __exit lab_patch_exit(void)                                  \
	{                                                                        \
	}                                                                        \
	module_init(start);                                                      \
	module_exit(lab_patch_exit);                                             \
	MODULE_LICENSE("GPL");                                                   \
	MODULE_INFO(livepatch, "Y")

/* `object` is a module's name, or NULL for vmlinux; the functions follow. */
#define LAB_LIVEPATCH(cumulative, object, ...)                                   \
	static struct klp_func lab_functions[] = { __VA_ARGS__, {} };            \
	static struct klp_object lab_objects[] = {                               \
		{ .name = object, .funcs = lab_functions },                      \
		{}                                                               \
	};                                                                       \
	static struct klp_patch lab_patch = {                                    \
		.mod = THIS_MODULE,                                              \
		.objs = lab_objects,                                             \
		.replace = cumulative,                                           \
	};                                                                       \
	static int __init lab_patch_init(void)                                   \
	{                                                                        \
		return klp_enable_patch(&lab_patch);                             \
	}                                                                        \
	LAB_LIVEPATCH_OF(lab_patch_init)

#endif
