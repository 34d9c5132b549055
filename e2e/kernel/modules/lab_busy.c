// SPDX-License-Identifier: GPL-2.0
/* A worker that stays in its function until the module goes; with wait=0 it is done at once. */
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/workqueue.h>

#define LAB_FUNCTION_TO_PATCH __attribute__((__noipa__))

static bool wait = true;
module_param(wait, bool, 0444);
MODULE_PARM_DESC(wait, "Stay in the function");

static DECLARE_COMPLETION(begun);
static DECLARE_COMPLETION(released);

static LAB_FUNCTION_TO_PATCH void lab_busy_work(struct work_struct *work)
{
	pr_info("lab_busy: work begins\n");
	complete(&begun);
	if (wait)
		wait_for_completion(&released);
	pr_info("lab_busy: work ends\n");
}
static DECLARE_WORK(work, lab_busy_work);

static int __init lab_busy_init(void)
{
	pr_info("lab_busy: init\n");
	schedule_work(&work);
	wait_for_completion(&begun);
	if (!wait)
		flush_work(&work);
	return 0;
}

static void __exit lab_busy_exit(void)
{
	complete(&released);
	flush_work(&work);
	pr_info("lab_busy: exit\n");
}

module_init(lab_busy_init);
module_exit(lab_busy_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Rebootless lab: a busy module to be patched");
