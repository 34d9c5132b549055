// SPDX-License-Identifier: GPL-2.0
/* A module that comes and goes and says so. */
#include <linux/module.h>

static int __init lab_target_init(void)
{
	pr_info("lab_target: init\n");
	return 0;
}

static void __exit lab_target_exit(void)
{
	pr_info("lab_target: exit\n");
}

module_init(lab_target_init);
module_exit(lab_target_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Rebootless lab: a module to be patched");
