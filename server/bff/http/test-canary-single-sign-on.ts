import { TestBrowser } from '../access/oidc/test-browser.ts'
import { type IdentityProvider, TEST_CLIENT } from '../access/oidc/test-identity-provider.ts'
import type { TestBackend } from '../test-backend.ts'
import type { Canary } from './test-canary.ts'

/** Somebody comes in by the identity provider, and somebody with a made-up code does not. */
export const runSingleSignOn = async ({ keep }: Canary, backend: TestBackend, idp: IdentityProvider): Promise<void> => {
  keep('the client secret', TEST_CLIENT.clientSecret)
  idp.atKeyboard = 'canary-subject'
  idp.people.set(idp.atKeyboard, { groups: ['staging'], preferred_username: 'canary-by-provider' })
  const browser = new TestBrowser()
  const isCallback = (next: URL) => next.pathname.endsWith('/oidc/callback')
  const begin = async (name: string) => {
    const { location } = await browser.get(`${backend.url}/api/v1/session/oidc?return=/hosts`)
    if (location === undefined) throw new Error('single sign-on did not begin')
    keep(`the state of ${name}`, location.searchParams.get('state') ?? undefined)
    keep(`the nonce of ${name}`, location.searchParams.get('nonce') ?? undefined)
    keep(`the sealed cookie of ${name}`, browser.cookies(backend.url).get('rebootless-oidc'))
    return browser.follow(location, isCallback)
  }

  const { location: back } = await begin('a sign-in')
  if (back === undefined) throw new Error('the provider did not lead back')
  keep('an authorisation code', back.searchParams.get('code') ?? undefined)
  await browser.get(back)
  keep('a session by single sign-on', browser.cookies(backend.url).get('rebootless'))

  const { location: forged } = await begin('a forged sign-in')
  if (forged === undefined) throw new Error('the provider did not lead back')
  forged.searchParams.set('code', keep('a made-up code', 'canary-made-up-code'))
  const refused = await browser.get(forged)
  if (refused.status !== 401) throw new Error(`a made-up code was answered with ${refused.status}`)
}
