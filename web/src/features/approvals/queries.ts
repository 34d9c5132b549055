import type { AuthorisationSummary } from '@rebootless/shared/contract/commands-api.ts'
import type { Session } from '@rebootless/shared/contract/session.ts'
import type { AuthorisationState } from '@rebootless/shared/domain/authorisation-state.ts'
import { queryOptions } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'

/** A request also ends by time alone, of which no event tells. */
const EVERY_MS = 30_000

export const authorisationListQuery = (state?: AuthorisationState) =>
  queryOptions({
    queryKey: queryKeys.authorisationList(state),
    queryFn: ({ signal }) =>
      api.get('/api/v1/authorisations', { signal, query: state === undefined ? {} : { state, limit: 200 } }),
    refetchInterval: EVERY_MS,
  })

export const approverKeysQuery = queryOptions({
  queryKey: queryKeys.approverKeys,
  queryFn: ({ signal }) => api.get('/api/v1/approver-keys', { signal }),
})

/** Whether a person's signature is what a request still lacks, as far as the list tells. */
export const waitsFor = (session: Pick<Session, 'role' | 'username'>, request: AuthorisationSummary): boolean =>
  session.role === 'approver' &&
  request.state === 'waiting' &&
  request.requestedBy !== session.username &&
  !request.approvals.some(({ username }) => username === session.username)
