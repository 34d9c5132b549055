import type { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import type { ProviderHost } from '../provider.ts'
import type { StalledThread } from './kpatch-list.ts'

type Blocker = ProviderReport['blockers'][number]

/** With the process of each, which the tool does not name; null: the thread has ended, or is not shown. */
export const withProcesses = async (host: ProviderHost, threads: readonly StalledThread[]): Promise<Blocker[]> => {
  const blockers: Blocker[] = []
  for (const { tid, comm, stack } of threads) {
    const status = await host.readText(`/proc/${tid}/status`, { bytesMax: STATUS_BYTES_MAX, unlisted: true })
    blockers.push({ pid: status.ok ? threadGroup(status.value, tid) : null, tid, comm, stack: [...stack] })
  }
  return blockers
}

const STATUS_BYTES_MAX = 4096

/**
 * `Tgid` of /proc/TID/status: proc(5), where a thread is found by its own number, though it is not listed. A number may have
 * been given anew since the tool ran, so `Pid` must be the thread's.
 */
const threadGroup = (text: string, tid: number): number | null => {
  const field = (name: 'Tgid' | 'Pid') => new RegExp(`^${name}:\\t(\\d{1,10})$`, 'm').exec(text)?.[1]
  const group = field('Tgid')
  return group !== undefined && field('Pid') === `${tid}` ? Number(group) : null
}
