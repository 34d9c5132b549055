import type { ExposureFact } from '@rebootless/shared/domain/alerts/alert-facts.ts'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { listExceptions } from '../compliance/exception-rows.ts'
import type { Compliance } from '../compliance/service.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { WHOLE_FLEET } from '../hosts/host-scope.ts'
import type { DueDates, ReadDueDates } from './ports.ts'

/** Dates move by days; the judgement of a whole fleet is asked for no more often than this. */
const RENEW_MS = 30_000

export interface DueDatesOptions {
  readonly database: Kysely<DatabaseSchema>
  readonly compliance: Pick<Compliance, 'judged'>
  readonly log: Pick<Logger, 'warn'>
}

/**
 * What compliance knows of dates, as it was read last: alerts wait for no judgement. Of each host the CVE that is due first, so
 * that one host is in one group at a time.
 */
export const createDueDates = ({ database, compliance, log }: DueDatesOptions): ReadDueDates => {
  let known: DueDates = { exposures: [], exceptions: [] }
  let readAt = Number.NEGATIVE_INFINITY
  let reading = false

  const read = async (now: Date): Promise<DueDates> => {
    const { hosts } = await compliance.judged(WHOLE_FLEET, '')
    const exposures = hosts.flatMap(({ host, worst }): ExposureFact[] =>
      worst === null || !Number.isFinite(worst.due)
        ? []
        : [{ hostId: host.id, cve: worst.cve.id, severity: worst.cve.severity, dueAt: worst.due }],
    )
    const exceptions = (await listExceptions(database, { state: 'in_effect' }, now)).map(
      ({ id, subject, owner, until }) => ({
        ...{ id, endsAt: Date.parse(until) },
        title: `${subject.kind === 'cve' ? subject.cveId : `severity ${subject.severity}`}, of ${owner}`,
      }),
    )
    return { exposures, exceptions }
  }

  return async (now) => {
    if (!reading && Math.abs(now.getTime() - readAt) >= RENEW_MS) {
      reading = true
      readAt = now.getTime()
      read(now)
        .then((dates) => {
          known = dates
        })
        .catch((error: unknown) => log.warn({ err: error }, 'alerts could not learn what is due'))
        .finally(() => {
          reading = false
        })
    }
    return known
  }
}
