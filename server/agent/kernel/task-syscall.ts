import { systemCallName } from './system-calls.ts'

/**
 * /proc/PID/task/TID/syscall: proc(5). `NUMBER ARGUMENTS…`, `running`, or `-1 …` for a task in the kernel outside any
 * call. Only the name is kept: arguments are addresses.
 *
 * @param machine as `uname -m` prints it
 */
export const parseTaskSystemCall = (text: string, machine: string, kernelThread: boolean): string | null => {
  const number = /^(\d{1,6})(?:\s|$)/.exec(text)?.[1]
  // Kernel threads are in no call, yet print 0 on some machines, which is read(2) on x86-64.
  return number === undefined || kernelThread ? null : systemCallName(machine, Number(number))
}
