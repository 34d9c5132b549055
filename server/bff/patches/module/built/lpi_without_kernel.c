// SPDX-License-Identifier: GPL-2.0
/*
 * The tables alone, for machines of which no kernel's headers are at hand: compiled by a cross compiler without any, with
 * structs as long as another configuration might make them. What stands first in each is as in include/linux/livepatch.h.
 */
struct klp_func {
	const char *old_name;
	void *new_func;
	unsigned long old_sympos;
	unsigned long rest[11];
};

struct klp_object {
	const char *name;
	struct klp_func *funcs;
	void *callbacks[4];
	unsigned long rest[20];
};

struct klp_state {
	unsigned long id;
	unsigned int version;
	void *data;
};

struct klp_patch {
	void *mod;
	struct klp_object *objs;
	struct klp_state *states;
	_Bool replace;
	unsigned long rest[17];
};

#define USED(name) __attribute__((used, section(name)))

static const char modinfo[] USED(".modinfo") = "livepatch=Y\0name=lpi_without_kernel\0vermagic=6.12.0 SMP mod_unload \0depends=";
char __this_module[64] USED(".gnu.linkonce.this_module") = { 1 };
void klp_shadow_free_all(void);

static void livepatch_first(void)
{
	klp_shadow_free_all();
}

static void livepatch_second(void)
{
	__asm__("");
}

static void after(void)
{
	__asm__("" ::: "memory");
}

static struct klp_func functions[] = { { "first", livepatch_first, 0 }, { "second", livepatch_second, 258 }, {} };
static struct klp_func others[] = { { "second", livepatch_second, 0 }, {} };
static struct klp_object objects[] = { { 0, functions, { 0, after, 0, 0 } }, { "ext4", others, {} }, {} };
static struct klp_state states[] = { { 513, 2, 0 }, {} };
struct klp_patch patch = { .mod = __this_module, .objs = objects, .states = states, .replace = 1 };
