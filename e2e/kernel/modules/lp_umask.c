// SPDX-License-Identifier: GPL-2.0
/* A system call, patched while the processes that it is told of make it all the time; `remaining` have not come yet. */
#include <linux/fs_struct.h>
#include <linux/mutex.h>
#include <linux/sched.h>

#include "livepatch-module.h"

#define PROCESSES_MAX 16

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
	return xchg(&current->fs->umask, (int)registers->di & S_IRWXUGO);
}

LAB_LIVEPATCH(false, NULL, LAB_FUNCTION(__x64_sys_umask, livepatch_sys_umask));
