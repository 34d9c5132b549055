import type { RolloutPhase } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import { type QueryClient, queryOptions } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { type DecisionLog, isJoined, joinDecisions } from './rollout/decision-log.ts'
import { joinHosts, type RolloutHosts } from './rollout/rollout-hosts.ts'

const EVERY_MS = 20_000

/** Newest first, the first 200. */
export const rolloutListQuery = (phase?: RolloutPhase) =>
  queryOptions({
    queryKey: [...queryKeys.rolloutLists, phase ?? 'all'],
    queryFn: ({ signal }) =>
      api.get('/api/v1/rollouts', { query: phase === undefined ? { limit: 200 } : { phase, limit: 200 }, signal }),
  })

export const rolloutQuery = (id: string) =>
  queryOptions({
    queryKey: queryKeys.rollout(id),
    queryFn: ({ signal }) => api.get('/api/v1/rollouts/:id', { params: { id }, signal }),
    // Its sentence counts time, of which no event tells.
    refetchInterval: ({ state }) => (state.data === undefined || state.data.endedAt !== null ? false : EVERY_MS),
  })

export const rolloutApprovalsQuery = (id: string) =>
  queryOptions({
    queryKey: queryKeys.rolloutApprovals(id),
    queryFn: ({ signal }) => api.get('/api/v1/rollouts/:id/approvals', { params: { id }, signal }),
  })

/** Agents sample a transition once a second, and no event tells of each. */
const MOVING_EVERY_MS = 2_000

/** The transitions of a wave's hosts as one. @param wave from 0; null: all */
export const rolloutTransitionQuery = (id: string, wave: number | null) =>
  queryOptions({
    queryKey: queryKeys.rolloutTransition(id, wave),
    queryFn: ({ signal }) =>
      api.get('/api/v1/rollouts/:id/transition', { params: { id }, query: wave === null ? {} : { wave }, signal }),
    refetchInterval: ({ state }) => {
      if (state.data === undefined) return false
      const { inTransition, waiting } = state.data.hosts
      return inTransition > 0 ? MOVING_EVERY_MS : waiting > 0 ? EVERY_MS : false
    },
  })

const HOSTS_AT_ONCE = 1000

/** All hosts of a rollout: page by page at first, and then those alone that changed since. */
export const rolloutHostsQuery = (id: string) =>
  queryOptions({
    queryKey: queryKeys.rolloutHosts(id),
    queryFn: async ({ signal, client }): Promise<RolloutHosts> => {
      let hosts = client.getQueryData<RolloutHosts>(queryKeys.rolloutHosts(id))
      const since = hosts === undefined ? {} : { changedSince: hosts.changes }
      let changes: number | undefined
      let cursor: string | null | undefined
      do {
        const page = await api.get('/api/v1/rollouts/:id/hosts', {
          params: { id },
          query: { ...since, limit: HOSTS_AT_ONCE, ...(cursor == null ? {} : { cursor }) },
          signal,
        })
        changes ??= page.changes
        // What changes while the pages are turned is asked for the next time.
        hosts = joinHosts(hosts, { items: page.items, changes })
        cursor = page.nextCursor
      } while (cursor !== null)
      return hosts
    },
    structuralSharing: false,
  })

const DECISIONS_AT_ONCE = 100

const readDecisions = (id: string, before: number | undefined, signal?: AbortSignal) =>
  api.get('/api/v1/rollouts/:id/decisions', {
    params: { id },
    query: { limit: DECISIONS_AT_ONCE, ...(before === undefined ? {} : { before }) },
    ...(signal === undefined ? {} : { signal }),
  })

/** The newest decisions, and all that were shown before. */
export const rolloutDecisionsQuery = (id: string) =>
  queryOptions({
    queryKey: queryKeys.rolloutDecisions(id),
    queryFn: async ({ signal, client }): Promise<DecisionLog> => {
      const known = client.getQueryData<DecisionLog>(queryKeys.rolloutDecisions(id))
      let newest: DecisionLog = await readDecisions(id, undefined, signal)
      while (known !== undefined && !isJoined(known, newest.items)) {
        newest = joinDecisions(newest, await readDecisions(id, newest.items.at(-1)?.number, signal))
      }
      return joinDecisions(known, newest)
    },
    structuralSharing: false,
  })

/** Those before the oldest that is shown. */
export const readOlderDecisions = async (client: QueryClient, id: string): Promise<void> => {
  const key = queryKeys.rolloutDecisions(id)
  const older = await readDecisions(id, client.getQueryData<DecisionLog>(key)?.items.at(-1)?.number)
  client.setQueryData<DecisionLog>(key, (known) => joinDecisions(known, older))
}
