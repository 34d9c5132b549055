// Goal: wrong settings stop the start with a sentence that helps. Method: a table of environments.
import { describe, expect, test } from 'vitest'
import { isLoopback, readSettings } from './settings.ts'

describe('readSettings', () => {
  test('has the defaults of the design', () => {
    expect(readSettings({})).toMatchObject({ host: '127.0.0.1', port: 8080, agentHost: '127.0.0.1', agentPort: 8443 })
  })
  test('an empty value counts as unset', () => {
    expect(readSettings({ PORT: '', REBOOTLESS_ADMIN_PASSWORD: '' })).toMatchObject({
      port: 8080,
      adminPassword: undefined,
    })
  })
  test.each([
    [{ PORT: 'eighty' }, /PORT: /],
    [{ PORT: '70000' }, /PORT: /],
    [{ DATABASE_URL: 'mysql://x' }, /DATABASE_URL: /],
    [{ REBOOTLESS_ADMIN_PASSWORD: 'x'.repeat(1025) }, /REBOOTLESS_ADMIN_PASSWORD: use at most 1024 characters/],
    [{ DATABASE_URL: 'postgres://a/b', DATABASE_REPLICA_URL: 'http://x' }, /DATABASE_REPLICA_URL: /],
    [{ DATABASE_REPLICA_URL: 'postgres://x/y' }, /DATABASE_REPLICA_URL goes with DATABASE_URL/],
    [{ TLS_KEY: '/key.pem' }, /go together/],
    [{ TRUSTED_PROXY: 'proxy.example' }, /TRUSTED_PROXY: write IP addresses.*10\.1\.0\.0\/16/],
    [{ TRUSTED_PROXY: '10.0.0.1, 10.0.0.0/33' }, /TRUSTED_PROXY: /],
    [{ TRUSTED_PROXY: '0.0.0.0/0' }, /TRUSTED_PROXY: /],
    [{ TRUSTED_PROXY: '10.0.0.0/8/8' }, /TRUSTED_PROXY: /],
    [{ LOG_LEVEL: 'loud' }, /LOG_LEVEL: /],
  ])('%o is refused by name', (environment, message) => {
    expect(() => readSettings(environment)).toThrow(message)
  })
  test('T31 a refused password is not in the message', () => {
    expect(() => readSettings({ REBOOTLESS_ADMIN_PASSWORD: 'canary'.repeat(200) })).toThrow(/^(?!.*canary)/)
  })
  test('T01 beyond loopback there is TLS, a declared proxy, or no start', () => {
    expect(() => readSettings({ HOST: '0.0.0.0' })).toThrow(/in the clear.*TRUSTED_PROXY/)
    expect(readSettings({ HOST: '0.0.0.0', TRUSTED_PROXY: '10.0.0.1' }).trustedProxies).toEqual(['10.0.0.1'])
    const several = readSettings({ HOST: '0.0.0.0', TRUSTED_PROXY: '10.1.0.0/16,fd00::/8 ::1' })
    expect(several.trustedProxies).toEqual(['10.1.0.0/16', 'fd00::/8', '::1'])
    expect(readSettings({ HOST: '::', TLS_CERTIFICATE: 'c.pem', TLS_KEY: 'k.pem' }).tls).toBeDefined()
  })
})

test.each([
  ['127.0.0.1', true],
  ['127.8.0.1', true],
  ['::1', true],
  ['localhost', true],
  ['::ffff:127.0.0.1', true],
  ['127.0.0.1.evil.example', false],
  ['0.0.0.0', false],
  ['10.0.0.1', false],
])('isLoopback(%s) is %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected)
})
