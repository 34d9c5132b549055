// Goal: somebody whose session ended is told so, somebody who never signed in is not, and nothing of a person stays behind.
// Method: a cache with and without a session, and answers that nobody is signed in.
import { expect, test, vi } from 'vitest'
import { ApiProblem } from './api-problem.ts'
import { createQueryClient, forgetPerson } from './query-client.ts'
import { queryKeys } from './query-keys.ts'

const nobody = () =>
  Promise.reject(
    new ApiProblem({ code: 'not_signed_in', status: 401, title: 'Not signed in', detail: 'Sign in.', requestId: null }),
  )
const ask = (client: ReturnType<typeof createQueryClient>) =>
  client.fetchQuery({ queryKey: queryKeys.users, queryFn: nobody, retry: false }).catch(() => undefined)

test('a session that ended is told of, for what was asked and for what was to be done', async () => {
  const onEnded = vi.fn()
  const client = createQueryClient(onEnded)
  await ask(client)
  expect(onEnded).not.toHaveBeenCalled()
  client.setQueryData(queryKeys.session, { username: 'ada' })
  await ask(client)
  expect(onEnded).toHaveBeenCalledTimes(1)
  const mutation = client.getMutationCache().build(client, { mutationFn: nobody })
  await mutation.execute(undefined).catch(() => undefined)
  expect(onEnded).toHaveBeenCalledTimes(2)
})

test('what was fetched for a person is forgotten, and what the sign-in page asks for is not', () => {
  const client = createQueryClient(() => undefined)
  client.setQueryData(queryKeys.session, { username: 'ada' })
  client.setQueryData(queryKeys.host('1'), { name: 'db-1' })
  client.setQueryData(queryKeys.signInWays, { password: true, singleSignOn: true })
  forgetPerson(client)
  const left = client.getQueryCache().getAll()
  expect(left.map(({ queryKey }) => queryKey)).toEqual([queryKeys.signInWays])
})
