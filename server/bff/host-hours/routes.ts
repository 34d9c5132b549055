import type { HostHours } from '@rebootless/shared/contract/host-hours.ts'
import type { Clock } from '../clock.ts'
import type { Reads } from '../database/replica/reads.ts'
import type { Handlers } from '../http/call.ts'
import { readHostHours } from './read-host-hours.ts'

const KEPT_MS = 60_000
const KEPT_MAX = 50

/** Ten thousand hosts over a year cost the database a second, so who asks the same within a minute gets the same: its `to` tells. */
export const hostHourHandlers = ({
  reads,
  clock,
}: {
  readonly reads: Pick<Reads, 'read'>
  readonly clock: Clock
}): Pick<Handlers, 'GET /api/v1/cves/:id/host-hours'> => {
  const kept = new Map<string, { readonly at: number; readonly answer: Promise<HostHours> }>()
  return {
    'GET /api/v1/cves/:id/host-hours': async ({ scope, params, query }) => {
      const now = clock.now()
      const key = JSON.stringify([params.id, scope.text, query])
      const before = kept.get(key)
      if (before !== undefined && now.getTime() - before.at < KEPT_MS) return before.answer
      const answer = reads.read((database) => readHostHours(database, params.id, scope, query, now))
      kept.delete(key)
      kept.set(key, { at: now.getTime(), answer })
      const [oldest] = kept.keys()
      if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest)
      answer.catch(() => {
        if (kept.get(key)?.answer === answer) kept.delete(key)
      })
      return answer
    },
  }
}
