import { createRate } from '@rebootless/shared/domain/message-rate.ts'
import type { Kysely } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { EnrolmentStore } from '../link/ports.ts'

/** Strangers reach the agents' port: what they are refused fills no disk, and holds no lock that others wait for. */
const WRITTEN_DOWN = { burst: 200, perSecond: 1 }

/**
 * Writes down who was not let in (threat-model T15). In a flood only some are, and the next that is tells how many were
 * left out.
 */
export const refusedEnrolments = (
  database: Kysely<DatabaseSchema>,
  monotonicMs: () => number,
): EnrolmentStore['enrolmentRefused'] => {
  const rate = createRate(WRITTEN_DOWN, monotonicMs())
  let leftOut = 0
  return async ({ who, problem, now }) => {
    if (!rate.take(1, monotonicMs())) {
      leftOut += 1
      return
    }
    const after = leftOut === 0 ? null : { othersLeftOut: leftOut }
    leftOut = 0
    await database.transaction().execute((transaction) =>
      appendAudit(transaction, {
        at: now.toISOString(),
        actor: { kind: 'host', id: null, name: who.name, address: who.address ?? null },
        action: 'host.enrol',
        ...{ target: null, reason: null, result: 'refused', problem, before: null, after, requestId: null },
      }),
    )
  }
}
