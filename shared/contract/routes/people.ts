import * as z from 'zod'
import { FLEET_ADMINS } from '../../domain/audiences.ts'
import { CreatedUser, NewUser, PersonalLink, User, UserChange, UserId, UserList } from '../people.ts'
import { ReasonGiven } from '../primitives.ts'
import { nothing, type RouteDefinition } from '../route.ts'

const params = z.strictObject({ id: UserId })

export const peopleRoutes = {
  'GET /api/v1/users': {
    summary: 'All users, disabled ones too',
    ...FLEET_ADMINS,
    response: UserList,
    status: 200,
  },
  'POST /api/v1/users': {
    summary: 'A new user, and the link by which he first signs in; an admin takes a reason',
    ...FLEET_ADMINS,
    by: 'person',
    reauthenticate: true,
    body: NewUser,
    response: CreatedUser,
    status: 201,
  },
  'PATCH /api/v1/users/:id': {
    summary:
      'Change role or scope, disable or enable; ends all sessions of the user. To make an admin or to disable takes a reason',
    ...FLEET_ADMINS,
    by: 'person',
    reauthenticate: true,
    params,
    body: UserChange,
    response: User,
    status: 200,
  },
  'POST /api/v1/users/:id/sign-in-link': {
    summary: 'A new link for one sign-in; those before it end',
    ...FLEET_ADMINS,
    by: 'person',
    reauthenticate: true,
    params,
    response: PersonalLink,
    status: 201,
  },
  'DELETE /api/v1/users/:id/totp': {
    summary: 'Turn off the second factor of somebody who has lost it',
    ...FLEET_ADMINS,
    by: 'person',
    reauthenticate: true,
    params,
    body: ReasonGiven,
    response: nothing,
    status: 204,
  },
} as const satisfies Record<string, RouteDefinition>
