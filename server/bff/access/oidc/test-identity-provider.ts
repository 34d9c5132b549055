import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'

export interface ProvidedPerson {
  groups?: string[]
  preferred_username?: string
  email?: string
}

export const TEST_CLIENT = { clientId: 'rebootless', clientSecret: 'a secret that the provider knows too' } as const

/** A real OpenID provider on loopback. Its password page is answered at once, by whoever is at the keyboard. */
export const startIdentityProvider = async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const idp = {
    issuer,
    /** By subject. */
    people: new Map<string, ProvidedPerson>(),
    /** The subject who answers when the provider asks for a password. */
    atKeyboard: 'ada',
    /** How often it asked. */
    asked: 0,
    /** False: it does not answer. */
    running: true,

    /** Begins to answer, for the one client whose address had to be known first. */
    serve(redirectUri: string): void {
      const provider = new Provider(issuer, {
        clients: [
          {
            client_id: TEST_CLIENT.clientId,
            client_secret: TEST_CLIENT.clientSecret,
            redirect_uris: [redirectUri],
          },
        ],
        claims: { openid: ['sub'], profile: ['preferred_username', 'groups', 'email'] },
        // Given, so that it does not warn of its defaults.
        ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
        cookies: { keys: ['only for this test'] },
        features: { devInteractions: { enabled: false } },
        pkce: { required: () => true },
        interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
        findAccount: (_context, sub) => ({ accountId: sub, claims: async () => ({ sub, ...idp.people.get(sub) }) }),
        loadExistingGrant: async (context) => {
          const grant = new context.oidc.provider.Grant({
            clientId: context.oidc.client?.clientId ?? '',
            accountId: context.oidc.session?.accountId ?? '',
          })
          grant.addOIDCScope('openid profile')
          await grant.save()
          return grant
        },
      })
      const callback = provider.callback()
      server.on('request', (request, response) => {
        if (!idp.running) return void request.socket.destroy()
        if (request.url?.startsWith('/interaction/')) {
          idp.asked += 1
          void provider.interactionFinished(request, response, { login: { accountId: idp.atKeyboard } })
          return
        }
        void callback(request, response)
      })
    },

    async stop(): Promise<void> {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return idp
}

export type IdentityProvider = Awaited<ReturnType<typeof startIdentityProvider>>
