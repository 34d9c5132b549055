// SPDX-License-Identifier: GPL-2.0
/* Stalls on kernel threads that sleep in the old function for good; the new one returns, so they spin slowly in it. */
#include <linux/kthread.h>
#include <linux/sched.h>

#include "livepatch-module.h"

static int livepatch_lpt_kthread_body(void)
{
	if (!kthread_should_stop())
		schedule_timeout_interruptible(HZ / 10);
	return 42;
}

LAB_LIVEPATCH(false, "lptarget", LAB_FUNCTION(lpt_kthread_body, livepatch_lpt_kthread_body));
