import { everyone, nothing, type RouteDefinition } from '../route.ts'
import { Session, SignInByLinkRequest, SignInRequest } from '../session.ts'

export const sessionRoutes = {
  'POST /api/v1/session': {
    summary: 'Sign in with a name and a password; sets the session cookie',
    roles: 'anyone',
    scope: 'none',
    body: SignInRequest,
    response: Session,
    status: 201,
  },
  'POST /api/v1/session/link': {
    summary: 'Sign in with the token of a one-time link; sets the session cookie',
    roles: 'anyone',
    scope: 'none',
    body: SignInByLinkRequest,
    response: Session,
    status: 201,
  },
  'GET /api/v1/session': {
    summary: 'Who is signed in',
    roles: everyone,
    scope: 'none',
    response: Session,
    status: 200,
  },
  'DELETE /api/v1/session': {
    summary: 'Sign out; ends this session everywhere',
    roles: everyone,
    scope: 'none',
    response: nothing,
    status: 204,
  },
} as const satisfies Record<string, RouteDefinition>
