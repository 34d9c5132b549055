// SPDX-License-Identifier: GPL-2.0
/* Thirty-two functions; another variable that begins with the address of the module, and has one of data behind it. */
#include "lpi.h"

#define EIGHT(what, tens) \
	what(f##tens##0) what(f##tens##1) what(f##tens##2) what(f##tens##3) \
	what(f##tens##4) what(f##tens##5) what(f##tens##6) what(f##tens##7)
#define ALL(what) EIGHT(what, 0) EIGHT(what, 1) EIGHT(what, 2) EIGHT(what, 3)
#define LISTED(name) LPI_FUNCTION(name, 0),

ALL(LPI_REPLACEMENT)

static int numbers[2] = { 1, 2 };
static struct { struct module *owner; int *numbers; } other __used = { .owner = THIS_MODULE, .numbers = numbers };
static struct klp_func functions[] = { ALL(LISTED) {} };
static struct klp_object objects[] = { { .name = "a_module_with_a_name_as_long_as_a_kernel_lets_it_have_o", .funcs = functions }, {} };
static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objects };

LPI_MODULE(&patch);
