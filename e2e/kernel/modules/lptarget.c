// SPDX-License-Identifier: GPL-2.0
/*
 * The module that the lab's livepatches patch. Reading /proc/lpt/FILE calls one function, which may sleep in itself until
 * somebody writes `release` to /proc/lpt/ctl: that is how a test makes a transition wait for exactly one task.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#define LPT_THREADS_MAX 8

/* Livepatch finds a function by its name; a clone, an inlined copy or a result known beforehand would escape it. */
#define LPT_FUNCTION __attribute__((__noipa__))

static DECLARE_WAIT_QUEUE_HEAD(lpt_queue);
static bool lpt_released;
static struct task_struct *lpt_threads[LPT_THREADS_MAX];
static unsigned int lpt_threads_count;

static unsigned int late_ms = 1800;
module_param(late_ms, uint, 0644);
MODULE_PARM_DESC(late_ms, "How long a read of /proc/lpt/late sleeps");

static LPT_FUNCTION const char *lpt_answer(void)
{
	return "original answer";
}

static LPT_FUNCTION const char *lpt_banner(void)
{
	return "original banner";
}

static LPT_FUNCTION int lpt_wait_killable(void)
{
	return wait_event_killable(lpt_queue, READ_ONCE(lpt_released));
}

static LPT_FUNCTION int lpt_wait_interruptible(void)
{
	return wait_event_interruptible(lpt_queue, READ_ONCE(lpt_released));
}

static LPT_FUNCTION int lpt_wait_uninterruptible(void)
{
	wait_event(lpt_queue, READ_ONCE(lpt_released));
	return 0;
}

/* Sleeps for a while whatever happens: its task is late, but needs nobody's help. */
static LPT_FUNCTION int lpt_late(void)
{
	schedule_timeout_uninterruptible(msecs_to_jiffies(READ_ONCE(late_ms)));
	return 0;
}

/* The signal after 15 s wakes the thread; it finds its condition unmet and sleeps on, still in here. */
static LPT_FUNCTION int lpt_kthread_body(void)
{
	wait_event_interruptible(lpt_queue, kthread_should_stop());
	return 0;
}

static int lpt_kthread_main(void *unused)
{
	while (!kthread_should_stop())
		lpt_kthread_body();
	return 0;
}

static int answer_show(struct seq_file *file, void *unused)
{
	seq_printf(file, "%s / %s\n", lpt_answer(), lpt_banner());
	return 0;
}

#define LPT_WAIT_FILE(file_name, function)                                  \
	static int file_name##_show(struct seq_file *file, void *unused)    \
	{                                                                   \
		int rc = function();                                        \
		if (rc < 0)                                                 \
			return rc;                                          \
		seq_printf(file, "%d\n", rc);                               \
		return 0;                                                   \
	}
LPT_WAIT_FILE(wait_killable, lpt_wait_killable)
LPT_WAIT_FILE(wait_interruptible, lpt_wait_interruptible)
LPT_WAIT_FILE(wait_uninterruptible, lpt_wait_uninterruptible)
LPT_WAIT_FILE(late, lpt_late)

static void lpt_stop_threads(void)
{
	while (lpt_threads_count > 0)
		kthread_stop(lpt_threads[--lpt_threads_count]);
}

static int lpt_start_threads(unsigned int count)
{
	while (count-- > 0) {
		struct task_struct *thread;

		if (lpt_threads_count == LPT_THREADS_MAX)
			return -ENOSPC;
		thread = kthread_run(lpt_kthread_main, NULL, "lpt_flush/%u", lpt_threads_count);
		if (IS_ERR(thread))
			return PTR_ERR(thread);
		lpt_threads[lpt_threads_count++] = thread;
	}
	return 0;
}

/* Root alone can open the file, and the lab writes one command at a time, so there is no lock. */
static ssize_t ctl_write(struct file *file, const char __user *from, size_t size, loff_t *position)
{
	char text[32], *command;
	unsigned int count;
	int rc = 0;

	if (size >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, from, size))
		return -EFAULT;
	text[size] = '\0';
	command = strim(text);
	if (strcmp(command, "release") == 0) {
		WRITE_ONCE(lpt_released, true);
		wake_up_all(&lpt_queue);
	} else if (strcmp(command, "arm") == 0) {
		WRITE_ONCE(lpt_released, false);
	} else if (strcmp(command, "stop") == 0) {
		lpt_stop_threads();
	} else if (sscanf(command, "kthread %u", &count) == 1) {
		rc = lpt_start_threads(count);
	} else {
		rc = -EINVAL;
	}
	return rc < 0 ? rc : size;
}

static const struct proc_ops ctl_ops = {
	.proc_write = ctl_write,
};

static int __init lptarget_init(void)
{
	struct proc_dir_entry *directory = proc_mkdir("lpt", NULL);

	if (!directory)
		return -ENOMEM;
	proc_create("ctl", 0200, directory, &ctl_ops);
	proc_create_single("answer", 0444, directory, answer_show);
	proc_create_single("wait_killable", 0444, directory, wait_killable_show);
	proc_create_single("wait_interruptible", 0444, directory, wait_interruptible_show);
	proc_create_single("wait_uninterruptible", 0444, directory, wait_uninterruptible_show);
	proc_create_single("late", 0444, directory, late_show);
	return 0;
}

static void __exit lptarget_exit(void)
{
	remove_proc_subtree("lpt", NULL);
	lpt_stop_threads();
}

module_init(lptarget_init);
module_exit(lptarget_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Rebootless lab: functions to be patched");
