// Goal: settings of single sign-on that cannot be used stop the start and say why. Method: a table of environments.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { readSettings } from '../../settings.ts'
import { nameFrom, roleOf } from './accounts.ts'

const WHOLE = {
  OIDC_ISSUER: 'https://id.example',
  OIDC_CLIENT_ID: 'rebootless',
  OIDC_CLIENT_SECRET: 'canary',
  OIDC_ROLES: 'fleet=admins=admin; staging =operator@label.env:staging,test label.team:web;\n sales=viewer',
}

test('groups give a role, and hosts by their labels; the first entry that fits counts', () => {
  const { roles = [], algorithm } = readSettings(WHOLE).oidc ?? {}
  expect(algorithm).toBe('RS256')
  expect(roles).toEqual([
    { group: 'fleet=admins', role: 'admin', scope: null },
    { group: 'staging', role: 'operator', scope: 'label.env:staging,test label.team:web' },
    { group: 'sales', role: 'viewer', scope: null },
  ])
  expect(roleOf(roles, ['sales', 'staging'])?.role).toBe('operator')
  expect(roleOf(roles, ['Staging', 'stagin', ''])).toBeUndefined()
  expect(readSettings({}).oidc).toBeUndefined()
})

test('the secret may stand in a file', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'rebootless-oidc-'))
  const file = path.join(folder, 'secret')
  writeFileSync(file, 'from the file\n')
  const fromFile = { ...WHOLE, OIDC_CLIENT_SECRET: '', OIDC_CLIENT_SECRET_FILE: file }
  expect(readSettings(fromFile).oidc?.clientSecret).toBe('from the file')
  rmSync(folder, { recursive: true })
  expect(() => readSettings(fromFile)).toThrow(/OIDC_CLIENT_SECRET_FILE can't be read/)
})

test.each([
  [{ OIDC_ISSUER: 'id.example' }, /OIDC_ISSUER: /],
  [{ OIDC_CLIENT_ID: '' }, /needs OIDC_CLIENT_ID/],
  [{ OIDC_ROLES: '' }, /and OIDC_ROLES/],
  [{ OIDC_ROLES: 'admins' }, /OIDC_ROLES: write GROUP=viewer\|operator\|approver\|admin/],
  [{ OIDC_ROLES: 'admins=root' }, /OIDC_ROLES: write GROUP=/],
  [{ OIDC_ROLES: 'staging=operator@state:stalled' }, /OIDC_ROLES: the scope of staging: .*labels alone/],
  [{ OIDC_ALGORITHM: 'none' }, /OIDC_ALGORITHM: /],
  [{ OIDC_ALGORITHM: 'HS256' }, /OIDC_ALGORITHM: /],
])('%o is refused by name', (wrong, message) => {
  expect(() => readSettings({ ...WHOLE, ...wrong })).toThrow(message)
  expect(() => readSettings({ ...WHOLE, ...wrong })).toThrow(/^(?!.*canary)/)
})

test.each([
  ['Ada.Lovelace@example.org', 'ada.lovelace'],
  ['  ../Ünïcode ‮x', 'n-code-x'],
  ['---', 'user'],
  [undefined, 'user'],
  ['x'.repeat(100), 'x'.repeat(56)],
])('%j becomes the name %s', (preferred, name) => {
  expect(nameFrom(preferred)).toBe(name)
})
