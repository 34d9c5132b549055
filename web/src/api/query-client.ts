import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { ApiProblem } from './api-problem.ts'
import { queryKeys } from './query-keys.ts'

/** True where asking again may help: no answer came, or the server is starting or overloaded. */
const mayPass = (error: Error): boolean =>
  error instanceof ApiProblem && (error.code === 'unreachable' || error.status === 503 || error.status === 502)

/**
 * The cache of everything fetched. Nothing goes stale by age: the event stream patches or invalidates it.
 *
 * @param onEnded called when an answer says that nobody is signed in, where somebody was
 */
export const createQueryClient = (onEnded: () => void): QueryClient => {
  const onError = (error: Error) => {
    if (!(error instanceof ApiProblem) || error.code !== 'not_signed_in') return
    if (client.getQueryData(queryKeys.session) !== undefined) onEnded()
  }
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        retry: (failures, error) => failures < 2 && mayPass(error),
        retryDelay: (failures) => 400 * 2 ** failures,
      },
      mutations: { retry: false },
    },
  })
  return client
}

/** Drops all that was fetched for a person. What the sign-in page has asked for itself stays: it is on the screen. */
export const forgetPerson = (client: QueryClient): void => {
  client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== queryKeys.signInWays[0] })
  client.getMutationCache().clear()
}
