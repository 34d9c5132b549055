import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { Handlers } from '../http/call.ts'
import { listCveHosts } from './cve-hosts.ts'
import { listHostExposure } from './host-exposure.ts'
import { JUDGE_LOCK as lock } from './judge-pass.ts'
import { createKnownCves } from './known-cves.ts'
import { listCves } from './list-cves.ts'
import { readCve } from './read-cve.ts'
import { createVerdictMatrices } from './verdict-matrix.ts'

type ExposureHandlers = Pick<
  Handlers,
  'GET /api/v1/cves' | 'GET /api/v1/cves/:id' | 'GET /api/v1/cves/:id/hosts' | 'GET /api/v1/hosts/:id/exposure'
>

export const exposureHandlers = ({
  database,
  primary,
  clock,
}: {
  readonly database: Kysely<DatabaseSchema>
  /** Where judging holds its lock, which no replica shows. */
  readonly primary: Kysely<DatabaseSchema>
  readonly clock: Clock
}): ExposureHandlers => {
  const matrices = createVerdictMatrices(database, clock)
  const reader = { database, primary, matrices, cves: createKnownCves(database) }
  /** What is to come is not known: it is asked as now. */
  const moment = (at: string | undefined) => {
    const now = clock.now()
    const past = at === undefined || new Date(at) >= now ? null : new Date(at)
    return { at: past, asOf: past ?? now }
  }
  return {
    'GET /api/v1/cves': async ({ scope, query }) => {
      const { at, asOf } = moment(query.at)
      return listCves(reader, scope, query, { at, asOf: asOf.toISOString(), lock })
    },
    'GET /api/v1/cves/:id': async ({ scope, params, query }) => {
      const { at, asOf } = moment(query.at)
      return readCve(reader, params.id, { scope, filter: query.filter, at }, { asOf: asOf.toISOString(), lock })
    },
    'GET /api/v1/cves/:id/hosts': async ({ scope, params, query }) => {
      const { at, asOf } = moment(query.at)
      return listCveHosts(reader, params.id, { scope, filter: query.filter, at }, query, asOf)
    },
    'GET /api/v1/hosts/:id/exposure': async ({ scope, params, query }) => {
      const { at, asOf } = moment(query.at)
      return listHostExposure(reader, params.id, { scope, filter: '', at }, query, { asOf, lock })
    },
  }
}
