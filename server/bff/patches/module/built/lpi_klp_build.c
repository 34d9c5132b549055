// SPDX-License-Identifier: GPL-2.0
/*
 * Sections as the kernel's own klp-build makes them since Linux 6.19, put together by hand: `struct klp_object_ext` and
 * `struct klp_func_ext` of include/linux/livepatch_external.h.
 */
#include "lpi.h"

LPI_REPLACEMENT(tcp_sendmsg)
LPI_REPLACEMENT(nft_do_chain)
LPI_REPLACEMENT(nft_lookup)

struct function {
	const char *old_name;
	void *new_func;
	unsigned long sympos;
};

struct object {
	const char *name;
	struct function *funcs;
	struct klp_callbacks callbacks;
	unsigned int nr_funcs;
};

static void after(struct klp_object *object)
{
}

static struct function functions[] __used __section(".init.klp_funcs") = {
	{ "tcp_sendmsg", livepatch_tcp_sendmsg, 0 },
	{ "nft_do_chain", livepatch_nft_do_chain, 1 },
	{ "nft_lookup", livepatch_nft_lookup, 4 },
};

static struct object objects[] __used __section(".init.klp_objects") = {
	{ .funcs = functions, .nr_funcs = 1 },
	{ .name = "nf_tables", .funcs = functions + 1, .nr_funcs = 2, .callbacks = { .post_patch = after } },
};

LPI_MODULE(NULL);
