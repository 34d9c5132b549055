import type { Handlers } from '../http/call.ts'
import type { Users } from './users.ts'

type PeopleHandlers = Pick<
  Handlers,
  | 'GET /api/v1/users'
  | 'POST /api/v1/users'
  | 'PATCH /api/v1/users/:id'
  | 'POST /api/v1/users/:id/sign-in-link'
  | 'DELETE /api/v1/users/:id/totp'
>

export const peopleHandlers = (users: Users): PeopleHandlers => ({
  'GET /api/v1/users': async () => ({ items: await users.list() }),
  'POST /api/v1/users': ({ body, ...call }) => users.create(body, call),
  'PATCH /api/v1/users/:id': ({ params, body, signedIn, ...call }) => users.change(params.id, body, signedIn, call),
  'POST /api/v1/users/:id/sign-in-link': ({ params, ...call }) => users.createLink(params.id, call),
  'DELETE /api/v1/users/:id/totp': async ({ params, body, ...call }) => {
    await users.removeTotp(params.id, body.reason, call)
    return null
  },
})
