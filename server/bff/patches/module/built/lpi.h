/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Livepatches to be read, and never to be loaded: each has in its tables what the test of its name expects, and its
 * replacements do nothing.
 */
#ifndef LPI_H
#define LPI_H

#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>

#define LPI_REPLACEMENT(name)              \
	static int livepatch_##name(void)  \
	{                                  \
		return 0;                  \
	}

#define LPI_FUNCTION(name, place) \
	{ .old_name = #name, .new_func = livepatch_##name, .old_sympos = place }

#define LPI_MODULE(patch)                                \
	static int __init lpi_init(void)                 \
	{                                                \
		return klp_enable_patch(patch);          \
	}                                                \
	static void __exit lpi_exit(void)                \
	{                                                \
	}                                                \
	module_init(lpi_init);                           \
	module_exit(lpi_exit);                           \
	MODULE_LICENSE("GPL");                           \
	MODULE_INFO(livepatch, "Y")

#endif
