/** include/linux/sched.h, PF_KTHREAD. */
const KERNEL_THREAD_FLAG = 0x00200000

export interface TaskStat {
  state: string
  kernelThread: boolean
}

/**
 * /proc/PID/task/TID/stat: proc(5). The name, field 2, may hold brackets and blanks, so the fields are counted from the
 * last `)`.
 */
export const parseTaskStat = (text: string): TaskStat | null => {
  const end = text.lastIndexOf(')')
  const fields = text
    .slice(end + 1)
    .trim()
    .split(/\s+/)
  const [state, , , , , , flags = ''] = fields
  if (end === -1 || state === undefined || !/^[A-Za-z]$/.test(state)) return null
  return { state, kernelThread: /^\d+$/.test(flags) && (Number(flags) & KERNEL_THREAD_FLAG) !== 0 }
}
