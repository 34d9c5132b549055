// SPDX-License-Identifier: GPL-2.0
/* Merely late: its tasks sleep for a bounded time (late_ms of lptarget), so it completes without help. */
#include "livepatch-module.h"

static int livepatch_lpt_late(void)
{
	return 42;
}

LAB_LIVEPATCH(false, "lptarget", LAB_FUNCTION(lpt_late, livepatch_lpt_late));
