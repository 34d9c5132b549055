// SPDX-License-Identifier: GPL-2.0
/* Goes in like any other; whoever then reads /proc/lpt/answer makes the kernel write an oops. */
#include "livepatch-module.h"

static const char *livepatch_lpt_answer(void)
{
	static int *volatile nowhere;

	return *nowhere ? "never" : "neither";
}

LAB_LIVEPATCH(false, "lptarget", LAB_FUNCTION(lpt_answer, livepatch_lpt_answer));
