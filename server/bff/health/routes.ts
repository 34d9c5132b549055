import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { Express, Request } from 'express'
import type { Callers } from '../access/callers.ts'
import { isLocal } from '../http/local-request.ts'
import type { Metrics } from './metrics.ts'

export interface HealthOptions {
  readonly metrics: Metrics
  /** Why the database cannot be used now; undefined when it can. */
  readonly databaseFault: () => Promise<string | undefined>
  /** Ids of schema steps that this program has and the database lacks. */
  readonly missingMigrations: () => Promise<string[]>
  /** Whether pages are read from the replica, or why not; undefined: there is none. */
  readonly replica?: (() => string) | undefined
}

/** `readyz`'s answer: a sentence for each thing that is not right. */
const faults = async (options: HealthOptions): Promise<string[]> => {
  const fault = await options.databaseFault()
  if (fault !== undefined) return [fault]
  const missing = await options.missingMigrations()
  return missing.length === 0 ? [] : [`The database lacks the schema steps ${missing.join(', ')}: restart the program.`]
}

/**
 * T31: the numbers are of the whole fleet, so a token with a scope does not open them; nor does a session, since no page shows them.
 * @throws DomainError `not_authorised`, `not_signed_in`
 */
const requireToken = async (request: Request, callers: Pick<Callers, 'find'>): Promise<void> => {
  const caller = request.headers.authorization === undefined ? null : await callers.find(request)
  if (caller === null || caller.scope !== null) {
    throw new DomainError(
      'not_authorised',
      'Metrics are for this machine, and for an API token of the whole fleet: send one as Authorization: Bearer.',
    )
  }
}

/** For whoever watches the process: alive, ready, and numbers. None names a host. */
export const mountHealth = (app: Express, options: HealthOptions, callers: Pick<Callers, 'find'>): void => {
  app.get('/healthz', (_request, response) => {
    response.setHeader('Cache-Control', 'no-store')
    response.json({ status: 'alive' })
  })
  app.get('/readyz', async (_request, response) => {
    const found = await faults(options)
    if (found.length > 0) throw new DomainError('not_ready', found.join(' '))
    response.setHeader('Cache-Control', 'no-store')
    // Without its replica the program serves as well, so that is no fault.
    response.json({ status: 'ready', ...(options.replica && { replica: options.replica() }) })
  })
  app.get('/metrics', async (request, response) => {
    if (!isLocal(request)) await requireToken(request, callers)
    response.setHeader('Cache-Control', 'no-store')
    response.type(options.metrics.registry.contentType).send(await options.metrics.registry.metrics())
  })
}
