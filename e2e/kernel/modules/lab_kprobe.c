// SPDX-License-Identifier: GPL-2.0
/* A probe on a function that patches want too; only one with a post_handler changes where its calls go. */
#include <linux/kprobes.h>
#include <linux/module.h>

static bool post_handler;
module_param(post_handler, bool, 0444);
MODULE_PARM_DESC(post_handler, "Have one");

static void lab_post_handler(struct kprobe *probe, struct pt_regs *registers, unsigned long flags)
{
}

static struct kprobe probe = { .symbol_name = "cmdline_proc_show" };

static int __init lab_kprobe_init(void)
{
	if (post_handler)
		probe.post_handler = lab_post_handler;
	return register_kprobe(&probe);
}

static void __exit lab_kprobe_exit(void)
{
	unregister_kprobe(&probe);
}

module_init(lab_kprobe_init);
module_exit(lab_kprobe_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Rebootless lab: a kprobe");
