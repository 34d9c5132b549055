// SPDX-License-Identifier: GPL-2.0
/* A second function of vmlinux; with replace=1 it is cumulative. */
#include <linux/seq_file.h>

#include "livepatch-module.h"

static bool replace;
module_param(replace, bool, 0444);
MODULE_PARM_DESC(replace, "Take all earlier patches' place");

static int livepatch_meminfo_proc_show(struct seq_file *file, void *unused)
{
	seq_puts(file, "patched by lp_meminfo\n");
	return 0;
}

static struct klp_func functions[] = { LAB_FUNCTION(meminfo_proc_show, livepatch_meminfo_proc_show), {} };
static struct klp_object objects[] = { { .funcs = functions }, {} };
static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objects };

static int __init lp_meminfo_init(void)
{
	patch.replace = replace;
	return klp_enable_patch(&patch);
}

LAB_LIVEPATCH_OF(lp_meminfo_init);
