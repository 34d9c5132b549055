// SPDX-License-Identifier: GPL-2.0
/* A system call, patched while the processes that it is told of make it all the time; `remaining` have not come yet. */
#include <linux/fs_struct.h>
#include <linux/mutex.h>
#include <linux/sched.h>

#include "livepatch-module.h"

#define PROCESSES_MAX 16

/* What a system call's function is called, and where it finds its first argument: arch/ARCH/include/asm/syscall_wrapper.h. */
#if defined(CONFIG_X86_64)
#define LAB_UMASK __x64_sys_umask
#define LAB_FIRST_ARGUMENT(registers) ((registers)->di)
#elif defined(CONFIG_ARM64)
#define LAB_UMASK __arm64_sys_umask
#define LAB_FIRST_ARGUMENT(registers) ((registers)->regs[0])
#elif defined(CONFIG_S390)
#define LAB_UMASK __s390x_sys_umask
#define LAB_FIRST_ARGUMENT(registers) ((registers)->orig_gpr2)
#elif defined(CONFIG_PPC64)
#define LAB_UMASK sys_umask
#define LAB_FIRST_ARGUMENT(registers) ((registers)->gpr[3])
#endif

static int pids[PROCESSES_MAX];
static unsigned int remaining;
module_param_array(pids, int, &remaining, 0444);
MODULE_PARM_DESC(pids, "Processes that are waited for");
module_param(remaining, uint, 0444);
MODULE_PARM_DESC(remaining, "How many of them were not seen in here");
static DEFINE_MUTEX(lab_mutex);

static void lab_seen(int pid)
{
	int index;

	mutex_lock(&lab_mutex);
	for (index = 0; index < PROCESSES_MAX; index++) {
		if (pids[index] != pid)
			continue;
		pids[index] = 0;
		remaining--;
	}
	mutex_unlock(&lab_mutex);
}

static asmlinkage long livepatch_sys_umask(const struct pt_regs *registers)
{
	if (READ_ONCE(remaining) > 0)
		lab_seen(task_tgid_nr(current));
	return xchg(&current->fs->umask, (int)LAB_FIRST_ARGUMENT(registers) & S_IRWXUGO);
}

LAB_LIVEPATCH(false, NULL, LAB_FUNCTION(LAB_UMASK, livepatch_sys_umask));
