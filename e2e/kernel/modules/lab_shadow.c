// SPDX-License-Identifier: GPL-2.0
/* Shadow variables, known by an object and an id: Documentation/livepatch/shadow-vars.rst. */
#include <linux/livepatch.h>
#include <linux/module.h>

#define says(format, ...) pr_info("lab_shadow: " format "\n", ##__VA_ARGS__)

static int a, b;

static int construct(void *object, void *variable, void *value)
{
	*(long *)variable = (long)value;
	says("constructs %ld", (long)value);
	return 0;
}

static void destroy(void *object, void *variable)
{
	says("destroys %ld", *(long *)variable);
}

static void shown(const char *what, const char *object, int id, long *variable)
{
	if (variable)
		says("%s(%s, %d): %ld", what, object, id, *variable);
	else
		says("%s(%s, %d): none", what, object, id);
}

#define get(object, id) shown("get", #object, id, klp_shadow_get(&object, id))
#define make(name, function, object, id, value)                             \
	shown(name, #object, id,                                            \
	      function(&object, id, sizeof(long), GFP_KERNEL, construct, (void *)(value##L)))

static int __init lab_shadow_init(void)
{
	get(a, 1);
	make("get_or_alloc", klp_shadow_get_or_alloc, a, 1, 10);
	make("alloc", klp_shadow_alloc, a, 2, 20);
	make("alloc", klp_shadow_alloc, b, 1, 30);
	make("alloc", klp_shadow_alloc, b, 2, 40);
	get(a, 1);
	get(a, 2);
	get(b, 1);
	get(b, 2);
	make("get_or_alloc", klp_shadow_get_or_alloc, a, 1, 50);
	klp_shadow_free(&a, 1, destroy);
	get(a, 1);
	get(b, 1);
	klp_shadow_free_all(2, NULL);
	get(a, 2);
	get(b, 2);
	klp_shadow_free(&b, 1, destroy);
	get(b, 1);
	return 0;
}

static void __exit lab_shadow_exit(void)
{
}

module_init(lab_shadow_init);
module_exit(lab_shadow_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Rebootless lab: shadow variables");
