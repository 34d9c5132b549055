import { TOTP } from 'otpauth'
import { addPerson, setPassword, useLink } from '../access/test-people.ts'
import { ADMIN_PASSWORD, cookieOf, type TestBackend } from '../test-backend.ts'
import { type Canary, tokenIn } from './test-canary.ts'

/** All ways in which people and scripts prove who they are, right and wrong. @returns an admin’s cookie */
export const runPeople = async ({ keep }: Canary, backend: TestBackend): Promise<string> => {
  keep('the password of the settings', ADMIN_PASSWORD)
  const admin = await backend.signIn()
  keep('an admin’s session', tokenIn(admin))
  await backend.call('POST', '/api/v1/session', {
    body: { username: 'admin', password: keep('a wrong guess', 'canary-wrong-guess') },
  })
  await backend.call('POST', '/api/v1/session', {
    body: { username: keep('a password typed as a name', 'canary-typed-as-name'), password: 'x' },
  })
  await backend.call('POST', '/api/v1/session/link', { body: { token: keep('a made-up link', 'canary-made-up-link') } })
  await backend.call('POST', '/api/v1/session/code', {
    body: { challenge: keep('a made-up challenge', 'canary-made-up-challenge'), code: '123456' },
  })
  await backend.call('GET', '/api/v1/session', {
    headers: { authorization: `Bearer ${keep('a made-up token', `rbl_${'canary'.repeat(8).slice(0, 43)}`)}` },
  })
  await backend.call('GET', `/api/v1/hosts?filter=${keep('a filter', 'canary-filter')}`, { cookie: admin })

  const person = await addPerson(backend, admin, 'canary-person', 'operator')
  keep('a session by link', tokenIn(person.cookie))
  await setPassword(backend, person.cookie, keep('a password of one’s own', 'canary own password'))
  const seed = (await backend.call('POST', '/api/v1/session/totp', { cookie: person.cookie })).json<{
    secret: string
  }>()
  const codeNow = () => new TOTP({ secret: seed.secret }).generate({ timestamp: backend.clock.now().getTime() })
  keep('the seed of a second factor', seed.secret)
  const confirmed = await backend.call('POST', '/api/v1/session/totp/confirm', {
    cookie: person.cookie,
    body: { code: codeNow() },
  })
  for (const [n, code] of confirmed.json<{ recoveryCodes: string[] }>().recoveryCodes.entries())
    keep(`recovery code ${n}`, code)
  backend.clock.advance(30_000)
  const asked = await backend.call('POST', '/api/v1/session', {
    body: { username: person.username, password: 'canary own password' },
  })
  const challenge = keep('a challenge', asked.json<{ challenge: string }>().challenge)
  const signedIn = await backend.call('POST', '/api/v1/session/code', { body: { challenge, code: codeNow() } })
  keep('a session by code', tokenIn(cookieOf(signedIn)))

  const link = await backend.call('POST', `/api/v1/users/${person.id}/sign-in-link`, { cookie: admin })
  keep('a sign-in link', link.json<{ path: string }>().path.split('#token=')[1])
  const used = await backend.call('POST', `/api/v1/users/${person.id}/sign-in-link`, { cookie: admin })
  const usedPath = used.json<{ path: string }>().path
  keep('a used link', usedPath.split('#token=')[1])
  await useLink(backend, usedPath)

  const token = await backend.call('POST', '/api/v1/tokens', {
    cookie: admin,
    body: { name: 'script', role: 'viewer', validDays: 1 },
  })
  const bearer = keep('an API token', token.json<{ token: string }>().token)
  await backend.call('GET', '/api/v1/hosts', { headers: { authorization: `Bearer ${bearer}` } })
  return admin
}
