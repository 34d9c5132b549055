// Goal: where a page is offered, its routes are open, and nowhere else. Method: what each page asks for, compared with the
// route table.
import { expect, test } from 'vitest'
import { AUDITORS, FLEET_ADMINS, isAmong, KEY_READERS } from '../domain/audiences.ts'
import type { RouteDefinition } from './route.ts'
import { type RouteKey, routes } from './routes.ts'

const PAGES: readonly [string, { roles: readonly string[]; scope: string }, readonly RouteKey[]][] = [
  ['Audit', AUDITORS, ['GET /api/v1/audit', 'GET /api/v1/audit/chain', 'GET /api/v1/audit/heads']],
  ['People', FLEET_ADMINS, ['GET /api/v1/users']],
  ['Single sign-on', FLEET_ADMINS, ['GET /api/v1/single-sign-on']],
  [
    'Enrolment',
    FLEET_ADMINS,
    [
      'GET /api/v1/enrolment',
      'GET /api/v1/enrolment-tokens',
      'GET /api/v1/waiting-room',
      'GET /api/v1/certificate-authorities',
    ],
  ],
  ['Keys', KEY_READERS, ['GET /api/v1/approver-keys']],
]

test.each(PAGES)('T06 %s is offered to whom its routes are open', (_, audience, asked) => {
  for (const key of asked) {
    const { roles, scope }: RouteDefinition = routes[key]
    expect({ roles, scope }).toEqual(audience)
  }
})

test('T06 a scope keeps somebody from what concerns the whole fleet', () => {
  expect(isAmong({ role: 'admin', scope: null }, FLEET_ADMINS)).toBe(true)
  expect(isAmong({ role: 'admin', scope: 'label.env:staging' }, FLEET_ADMINS)).toBe(false)
  expect(isAmong({ role: 'approver', scope: 'label.env:staging' }, KEY_READERS)).toBe(true)
  expect(isAmong({ role: 'operator', scope: null }, AUDITORS)).toBe(false)
  expect(isAmong(undefined, KEY_READERS)).toBe(false)
})
