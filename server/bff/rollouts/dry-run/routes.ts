import { randomInt, randomUUID } from 'node:crypto'
import { DRY_RUN_SEED_MAX } from '@rebootless/shared/contract/dry-run.ts'
import type { dryRunRoutes } from '@rebootless/shared/contract/routes/dry-runs.ts'
import type { Kysely } from 'kysely'
import type { Clock } from '../../clock.ts'
import type { DatabaseSchema } from '../../database/schema.ts'
import type { HostScope } from '../../hosts/host-scope.ts'
import type { Handlers, SignedIn } from '../../http/call.ts'
import type { FitHosts } from '../../patches/fit-hosts.ts'
import type { DryRuns } from './dry-runs.ts'
import { readDryRunWork } from './work.ts'

export const dryRunHandlers = (options: {
  readonly database: Kysely<DatabaseSchema>
  readonly clock: Clock
  readonly fitHosts: FitHosts
  readonly dryRuns: DryRuns
}): Pick<Handlers, keyof typeof dryRunRoutes> => {
  const { database, clock, fitHosts, dryRuns } = options
  const askerOf = ({ signedIn, scope }: { readonly signedIn: SignedIn; readonly scope: HostScope }) => ({
    userId: signedIn.userId,
    scope: scope.text,
  })
  return {
    'POST /api/v1/rollouts/dry-run': async (call) => {
      const { scope, body } = call
      const { id = randomUUID(), seed = randomInt(DRY_RUN_SEED_MAX), plan, runs = null } = body
      const { beginsAt = clock.now().toISOString() } = body
      const request = { id, seed, plan, runs, beginsAt }
      return dryRuns.start(askerOf(call), (about) => {
        const now = clock.now()
        return readDryRunWork({ database, fitHosts, now, scope, request, ...about })
      })
    },
    'GET /api/v1/rollouts/dry-run/:id': async (call) => dryRuns.get(askerOf(call), call.params.id),
    'DELETE /api/v1/rollouts/dry-run/:id': async (call) => dryRuns.cancel(askerOf(call), call.params.id),
  }
}
