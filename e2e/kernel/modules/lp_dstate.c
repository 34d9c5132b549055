// SPDX-License-Identifier: GPL-2.0
/* Stalls on a task that no signal reaches: only `release` helps, or turning the transition round. */
#include "livepatch-module.h"

static int livepatch_lpt_wait_uninterruptible(void)
{
	return 42;
}

LAB_LIVEPATCH(false, "lptarget", LAB_FUNCTION(lpt_wait_uninterruptible, livepatch_lpt_wait_uninterruptible));
