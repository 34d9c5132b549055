// SPDX-License-Identifier: GPL-2.0
/*
 * Sections as kpatch-build makes them, put together by hand: `struct kpatch_patch_func` and the callbacks of kpatch's
 * kmod/patch/kpatch-patch.h, in the sections of its linker script.
 */
#include "lpi.h"

LPI_REPLACEMENT(tcp_sendmsg)
LPI_REPLACEMENT(nf_hook_slow)
LPI_REPLACEMENT(nft_do_chain)

static const char strings[] __used __section(".kpatch.strings") = "vmlinux\0nf_tables\0tcp_sendmsg\0nf_hook_slow\0nft_do_chain";
#define VMLINUX (strings + 0)
#define NF_TABLES (strings + 8)

struct patched {
	void *new_address;
	unsigned long new_size, old_address, old_size, sympos;
	const char *name, *object;
};

static struct patched functions[] __used __section(".kpatch.funcs") = {
	{ livepatch_tcp_sendmsg, 24, 0, 16, 0, strings + 18, VMLINUX },
	{ livepatch_nft_do_chain, 24, 0, 16, 1, strings + 43, NF_TABLES },
	{ livepatch_nf_hook_slow, 24, 0, 16, 2, strings + 30, VMLINUX },
};

static int before(struct klp_object *object)
{
	return 0;
}

static void after(struct klp_object *object)
{
}

struct callback {
	void *function;
	const char *object;
};

static struct { struct callback one; unsigned long padding; } pre_patch __used __section(".kpatch.callbacks.pre_patch") = {
	{ before, NF_TABLES }, 0,
};
static struct { struct callback two[2]; unsigned long padding; } post_unpatch __used __section(".kpatch.callbacks.post_unpatch") = {
	{ { after, VMLINUX }, { after, NF_TABLES } }, 0,
};

LPI_MODULE(NULL);
MODULE_DESCRIPTION("kpatch");
