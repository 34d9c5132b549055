import type { ApiClient } from '@rebootless/shared/contract/api-client.ts'
import { documentOfPlan, planOfDocument, type RolloutFile } from '@rebootless/shared/contract/rollout-file.ts'
import type { KeptRolloutPolicy } from '@rebootless/shared/contract/rollout-policy.ts'
import type { RolloutDetail } from '@rebootless/shared/contract/rollouts-api.ts'
import { ServerRefusal } from '../api/client.ts'
import { rolloutIdOf } from './rollout-id.ts'

const unlessMissing = async <T>(asked: Promise<T>): Promise<T | null> => {
  try {
    return await asked
  } catch (error) {
    if (error instanceof ServerRefusal && error.httpStatus === 404) return null
    throw error
  }
}

export const readKeptRollout = (api: ApiClient, id: string): Promise<RolloutDetail | null> =>
  unlessMissing(api.get('/api/v1/rollouts/:id', { params: { id } }))
export const readKeptPolicy = (api: ApiClient, name: string): Promise<KeptRolloutPolicy | null> =>
  unlessMissing(api.get('/api/v1/rollout-policies/:name', { params: { name } }))

export const documentOfPolicy = ({ name, hosts, requires, reason }: KeptRolloutPolicy): RolloutFile => ({
  ...{ apiVersion: 'rebootless/v1', kind: 'Policy', metadata: { name } },
  spec: { hosts, requires, reason },
})

/** What is kept of the same name: of rollouts this very one, or else the newest. Null: nothing. */
export const readKept = async (
  api: ApiClient,
  document: RolloutFile,
): Promise<{ readonly what: string; readonly document: RolloutFile } | null> => {
  const { name } = document.metadata
  if (document.kind === 'Policy') {
    const policy = await readKeptPolicy(api, name)
    return policy === null ? null : { what: `policy ${name}`, document: documentOfPolicy(policy) }
  }
  const same = await readKeptRollout(api, rolloutIdOf(planOfDocument(document)))
  const { items } = same === null ? await api.get('/api/v1/rollouts', { query: { limit: 200 } }) : { items: [] }
  const newest = items.find((rollout) => rollout.name === name)
  const kept = same ?? (newest === undefined ? null : await readKeptRollout(api, newest.id))
  return kept === null ? null : { what: `rollout ${name} (${kept.id})`, document: documentOfPlan(kept.plan) }
}
