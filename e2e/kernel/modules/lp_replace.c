// SPDX-License-Identifier: GPL-2.0
/* Cumulative: when it completes, every earlier patch is gone. */
#include <linux/seq_file.h>

#include "livepatch-module.h"

static int livepatch_cmdline_proc_show(struct seq_file *file, void *unused)
{
	seq_puts(file, "patched by lp_replace\n");
	return 0;
}

LAB_LIVEPATCH(true, NULL, LAB_FUNCTION(cmdline_proc_show, livepatch_cmdline_proc_show));
