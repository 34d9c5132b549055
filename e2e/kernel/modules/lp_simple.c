// SPDX-License-Identifier: GPL-2.0
/* Nothing sleeps in cmdline_proc_show, so this one always goes through. */
#include <linux/seq_file.h>

#include "livepatch-module.h"

static int livepatch_cmdline_proc_show(struct seq_file *file, void *unused)
{
	seq_puts(file, "patched by lp_simple\n");
	return 0;
}

LAB_LIVEPATCH(false, NULL, LAB_FUNCTION(cmdline_proc_show, livepatch_cmdline_proc_show));
