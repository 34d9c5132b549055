import * as z from 'zod'
import { OwnerQuery } from '../people.ts'
import { ReasonGiven } from '../primitives.ts'
import { everyone, nothing, type RouteDefinition } from '../route.ts'
import { ApiTokenList, CreatedApiToken, NewApiToken } from '../tokens.ts'

export const tokenRoutes = {
  'GET /api/v1/tokens': {
    summary: 'API tokens: one’s own, or others’ for admins',
    roles: everyone,
    scope: 'none',
    by: 'person',
    query: OwnerQuery,
    response: ApiTokenList,
    status: 200,
  },
  'POST /api/v1/tokens': {
    summary:
      'An API token with no more rights than its creator has, for at most a year; whatever its role, it never signs and lets no person in',
    roles: everyone,
    scope: 'none',
    by: 'person',
    reauthenticate: true,
    body: NewApiToken,
    response: CreatedApiToken,
    status: 201,
  },
  'DELETE /api/v1/tokens/:id': {
    summary: 'End an API token everywhere',
    roles: everyone,
    scope: 'none',
    by: 'person',
    params: z.strictObject({ id: z.uuid() }),
    body: ReasonGiven,
    response: nothing,
    status: 204,
  },
} as const satisfies Record<string, RouteDefinition>
