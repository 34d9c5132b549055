import type { Machine } from '../kernel/lab/machine.ts'

/** What a process of a lab machine has used so far: proc(5). */
export interface Usage {
  /** By the machine's own clock. */
  readonly atMs: number
  /** User and system, all threads and the children that have ended. */
  readonly cpuMs: number
  /** read(2), pread(2) and the like: /proc/PID/io, syscr. */
  readonly reads: number
  /** Of its main thread: times it went to sleep. */
  readonly sleeps: number
}

/** USER_HZ is 100 on every architecture that Node runs on: proc(5), /proc/PID/stat. */
const MS_PER_TICK = 10

export const usageOf = async (machine: Machine, pid: number): Promise<Usage> => {
  const [uptime, stat, io, status] = await Promise.all(
    ['/proc/uptime', `/proc/${pid}/stat`, `/proc/${pid}/io`, `/proc/${pid}/status`].map((file) => machine.read(file)),
  )
  // The name in brackets may hold anything, brackets too.
  const fields = (stat ?? '')
    .slice((stat ?? '').lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const ticks = fields.slice(11, 15).reduce((sum, value) => sum + value, 0)
  return {
    atMs: Number((uptime ?? '').split(' ')[0]) * 1_000,
    cpuMs: ticks * MS_PER_TICK,
    reads: Number(/^syscr: (\d+)$/m.exec(io ?? '')?.[1]),
    sleeps: Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status ?? '')?.[1]),
  }
}

export interface Memory {
  readonly residentMiB: number
  /** Each page that several processes share by its share: Pss. */
  readonly shareMiB: number
}

export const memoryInGuest = async (machine: Machine, pid: number): Promise<Memory> => {
  const text = await machine.read(`/proc/${pid}/smaps_rollup`)
  const mebibytes = (word: string) => Number(new RegExp(`^${word}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]) / 1_024
  return { residentMiB: mebibytes('Rss'), shareMiB: mebibytes('Pss') }
}

const TRACE = '/sys/kernel/tracing/instances/bench'
const TRIGGER = `${TRACE}/events/raw_syscalls/sys_enter/trigger`
const COUNT = 'hist:keys=common_pid,id.syscall:size=8192'

/** System calls of processes, by name, while `meanwhile` lasts: Documentation/trace/histogram.rst. The counting costs time of its own. */
export const systemCalls = async (
  machine: Machine,
  pids: readonly number[],
  meanwhile: () => Promise<unknown>,
): Promise<Map<string, number>[]> => {
  await machine.exec(['mkdir', TRACE])
  await machine.write(TRIGGER, `${COUNT}\n`)
  await meanwhile()
  const text = await machine.read(TRIGGER.replace('trigger', 'hist'))
  const threads = await Promise.all(pids.map((pid) => machine.exec(['ls', `/proc/${pid}/task`])))
  await machine.write(TRIGGER, `!${COUNT}\n`)
  await machine.exec(['rmdir', TRACE])
  const lines = [...text.matchAll(/common_pid:\s+(\d+), id: (\S+).*hitcount:\s+(\d+)/g)]
  return threads.map(({ stdout }) => {
    const own = new Set(stdout.trim().split('\n'))
    const calls = new Map<string, number>()
    for (const [, thread = '', name = '', hits] of lines) {
      if (own.has(thread)) calls.set(name, (calls.get(name) ?? 0) + Number(hits))
    }
    return calls
  })
}
