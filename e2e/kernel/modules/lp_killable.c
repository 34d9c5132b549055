// SPDX-License-Identifier: GPL-2.0
/* Stalls while a task sleeps in the old function; with hold=1 also on the way out, since the new one then sleeps too. */
#include <linux/sched/signal.h>

#include "livepatch-module.h"

static bool hold;
module_param(hold, bool, 0644);
MODULE_PARM_DESC(hold, "The new function sleeps until this is 0 again");

static int livepatch_lpt_wait_killable(void)
{
	while (READ_ONCE(hold)) {
		if (fatal_signal_pending(current))
			return -EINTR;
		schedule_timeout_killable(HZ / 10);
	}
	return 42;
}

LAB_LIVEPATCH(false, "lptarget", LAB_FUNCTION(lpt_wait_killable, livepatch_lpt_wait_killable));
