import { randomUUID } from 'node:crypto'
import type { ExposureChange } from '@rebootless/shared/contract/exposure-change.ts'
import type { HostProgress } from '@rebootless/shared/contract/rollouts-api.ts'
import type { exposureChangeRoutes } from '@rebootless/shared/contract/routes/exposure-change.ts'
import { changeSentence } from '@rebootless/shared/domain/exposure-change/change-sentence.ts'
import { planWaves } from '@rebootless/shared/domain/rollouts/plan-waves.ts'
import type { RolloutHost } from '@rebootless/shared/domain/rollouts/rollout-state.ts'
import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import type { Handlers } from '../http/call.ts'
import type { FitHosts } from '../patches/fit-hosts.ts'
import { findHosts, findHostsOf } from '../rollouts/find-hosts.ts'
import { readRollout } from '../rollouts/stored-rollout.ts'
import { requireVisible } from '../rollouts/visible.ts'
import { type PlannedHost, readAhead } from './ahead.ts'
import { readDone } from './done.ts'
import { readPlanChange } from './plan-change.ts'

interface ExposureChangeOptions {
  readonly database: Kysely<DatabaseSchema>
  readonly clock: Clock
  readonly fitHosts: FitHosts
}

/** What goes on its own way back, or is over, gets nothing more. */
const GOING = new Set(['waiting', 'told', 'changing', 'stalled'])
const HAS_IT = 'They have the change already'
const artefactOf = ({ fit }: RolloutHost): string | null => (fit.fits ? fit.artefact : null)

/** What of a host is still ahead of it, as its rollout stands. */
const plannedHost = (host: RolloutHost, progress: HostProgress | undefined): PlannedHost => {
  const { id, name, fit } = host
  const stopped = progress === undefined ? null : whyStopped(progress)
  return { id, name, artefact: artefactOf(host), whyNot: stopped ?? (fit.fits ? null : fit.why) }
}

const whyStopped = ({ wave, stage, why }: HostProgress): string | null => {
  if (stage === 'done') return HAS_IT
  return wave !== null && GOING.has(stage) ? null : (why ?? `They are ${stage}`)
}

export const exposureChangeHandlers = ({
  database,
  clock,
  fitHosts,
}: ExposureChangeOptions): Pick<Handlers, keyof typeof exposureChangeRoutes> => {
  const ofRollout = async (scope: HostScope, id: string): Promise<ExposureChange> => {
    await requireVisible(database, scope, id)
    const { row, plan, state } = await readRollout(database, id)
    const now = clock.now()
    const going = [...state.hosts.values()].filter(({ wave }) => wave !== null).map((host) => host.id)
    const done = row.started_at === null ? null : await readDone(database, going, row.started_at, row.ended_at, now)
    let ahead: ExposureChange['ahead'] = null
    if (row.ended_at === null) {
      const hosts = await findHostsOf(database, fitHosts, plan, scope, [...state.hosts.keys()])
      const planned = hosts.map((host) => plannedHost(host, state.hosts.get(host.id)))
      ahead = await readAhead(database, await readPlanChange(database, plan), planned)
    }
    return { sentence: changeSentence(ahead, done), ahead, done, asOf: now.toISOString() }
  }
  return {
    'GET /api/v1/rollouts/:id/exposure-change': ({ scope, params }) => ofRollout(scope, params.id),
    'POST /api/v1/rollouts/preview/exposure-change': async ({ scope, body: { id = randomUUID(), plan } }) => {
      const hosts = await findHosts(database, fitHosts, plan, scope)
      const { waves, others } = planWaves(plan, hosts, id)
      const planned = [
        ...waves.flatMap((wave) => wave.hosts.map((host) => ({ host, whyNot: null }))),
        ...others.map(({ host, why }) => ({ host, whyNot: why })),
      ].map(({ host, whyNot }) => ({ id: host.id, name: host.name, artefact: artefactOf(host), whyNot }))
      const ahead = await readAhead(database, await readPlanChange(database, plan), planned)
      return { sentence: changeSentence(ahead, null), ahead, done: null, asOf: clock.now().toISOString() }
    },
  }
}
