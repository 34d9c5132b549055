import type { BlockingTaskFacts } from '@rebootless/shared/contract/transition.ts'
import { cut, type KernelReading, readFile } from './reading.ts'
import { parseTaskCgroup } from './task-cgroup.ts'
import { type HoldingCode, parseTaskStack } from './task-stack.ts'
import { parseTaskStat } from './task-stat.ts'
import { parseTaskSystemCall } from './task-syscall.ts'

const STACK_CONSEQUENCE = "without root the blocking tasks' stacks are not visible"
const CONSEQUENCE = 'some of what blocking tasks do is not visible'

/** All of one task that tells why it does not switch; null when it is gone. */
export const readTaskDetails = async (
  reading: KernelReading,
  { pid, tid }: { pid: number; tid: number },
  machine: string,
  holding: HoldingCode,
  since: string,
): Promise<BlockingTaskFacts | null> => {
  const file = (name: string, consequence = CONSEQUENCE) =>
    readFile(reading, `/proc/${pid}/task/${tid}/${name}`, { consequence, unlisted: true })
  const statText = await file('stat')
  const comm = (await file('comm'))?.replace(/\n$/, '')
  if (statText === null && comm === undefined) return null
  const stat = statText === null ? null : parseTaskStat(statText)
  const kernelThread = stat?.kernelThread ?? false
  const stackText = await file('stack', STACK_CONSEQUENCE)
  const systemCall = await file('syscall')
  const cgroup = await file('cgroup')
  return {
    ...{ pid, tid, kernelThread, since },
    comm: cut(comm ?? '', 64),
    state: stat?.state ?? null,
    wchan: parseWchan(await file('wchan')),
    systemCall: systemCall === null ? null : parseTaskSystemCall(systemCall, machine, kernelThread),
    stack: stackText === null ? null : parseTaskStack(stackText, holding),
    ...parseTaskCgroup(cgroup ?? ''),
  }
}

/** /proc/PID/task/TID/wchan: proc(5). `0` while it runs, and for whoever may not know. */
const parseWchan = (text: string | null): string | null => {
  const name = text?.trim()
  return name && name !== '0' ? cut(name, 512) : null
}
