import { EnrolmentToken, EnrolmentTokenRequest } from '../enrolment.ts'
import type { RouteDefinition } from '../route.ts'

export const enrolmentRoutes = {
  'POST /api/v1/enrolment-tokens': {
    summary: 'A single-use token for one more host, and the command to type there',
    roles: ['admin'],
    scope: 'whole fleet',
    body: EnrolmentTokenRequest,
    response: EnrolmentToken,
    status: 201,
  },
} as const satisfies Record<string, RouteDefinition>
