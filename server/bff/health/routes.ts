import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { Express } from 'express'
import { isLocal } from '../http/local-request.ts'
import type { Metrics } from './metrics.ts'

export interface HealthOptions {
  readonly metrics: Metrics
  /** Why the database cannot be used now; undefined when it can. */
  readonly databaseFault: () => Promise<string | undefined>
  /** Ids of schema steps that this program has and the database lacks. */
  readonly missingMigrations: () => Promise<string[]>
}

/** `readyz`'s answer: a sentence for each thing that is not right. */
const faults = async (options: HealthOptions): Promise<string[]> => {
  const fault = await options.databaseFault()
  if (fault !== undefined) return [fault]
  const missing = await options.missingMigrations()
  return missing.length === 0 ? [] : [`The database lacks the schema steps ${missing.join(', ')}: restart the program.`]
}

/** For whoever watches the process: alive, ready, and numbers. None needs a session and none names a host. */
export const mountHealth = (app: Express, options: HealthOptions): void => {
  app.get('/healthz', (_request, response) => {
    response.setHeader('Cache-Control', 'no-store')
    response.json({ status: 'alive' })
  })
  app.get('/readyz', async (_request, response) => {
    const found = await faults(options)
    if (found.length > 0) throw new DomainError('not_ready', found.join(' '))
    response.setHeader('Cache-Control', 'no-store')
    response.json({ status: 'ready' })
  })
  app.get('/metrics', async (request, response) => {
    if (!isLocal(request))
      throw new DomainError('not_authorised', 'Metrics are for this machine only: read them there.')
    response.setHeader('Cache-Control', 'no-store')
    response.type(options.metrics.registry.contentType).send(await options.metrics.registry.metrics())
  })
}
