// SPDX-License-Identifier: GPL-2.0
/* Two functions of a module, which may be loaded before or after the patch. */
#include "livepatch-module.h"

static const char *livepatch_lpt_answer(void)
{
	return "PATCHED answer";
}

static const char *livepatch_lpt_banner(void)
{
	return "PATCHED banner";
}

LAB_LIVEPATCH(false, "lptarget", LAB_FUNCTION(lpt_answer, livepatch_lpt_answer),
	      LAB_FUNCTION(lpt_banner, livepatch_lpt_banner));
