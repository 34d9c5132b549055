// SPDX-License-Identifier: GPL-2.0
/* Waits about 15 s for a sleeping task, whose system call the kernel then restarts in the new function. */
#include "livepatch-module.h"

static int livepatch_lpt_wait_interruptible(void)
{
	return 42;
}

LAB_LIVEPATCH(false, "lptarget", LAB_FUNCTION(lpt_wait_interruptible, livepatch_lpt_wait_interruptible));
