import { DomainError } from '@rebootless/shared/domain/errors.ts'
import * as client from 'openid-client'
import type { Clock } from '../../clock.ts'
import type { GuardedFetch } from '../../outgoing/guarded-fetch.ts'
import type { OidcSettings } from './oidc-settings.ts'

const DISCOVERY_MS = 60 * 60_000
/** How old the sign-in at the provider may be when it was asked for anew: the way back takes a moment. */
const FRESH_SECONDS = 60

/** Held by the browser while it is at the provider. */
export interface FlowSecrets {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

/** Whom the provider vouches for. Issuer and subject are the account; names and addresses can be given to another. */
export interface ProvenPerson {
  readonly issuer: string
  readonly subject: string
  readonly preferredName: string | undefined
  readonly groups: readonly string[]
}

export interface OidcProvider {
  /** Where to send the browser. `fresh`: the provider asks for the password again, whoever is signed in there. */
  authorizationUrl(redirectUri: string, flow: FlowSecrets, fresh: boolean): Promise<URL>
  /**
   * Takes the provider's answer: code for tokens, and all checks of the ID token (OpenID Connect Core 1.0, §3.1.3.7).
   * @throws DomainError `sign_in_refused`, `single_sign_on_unavailable`
   */
  finish(currentUrl: URL, flow: FlowSecrets, fresh: boolean): Promise<ProvenPerson>
}

export const newFlow = (): FlowSecrets => ({
  state: client.randomState(),
  nonce: client.randomNonce(),
  verifier: client.randomPKCECodeVerifier(),
})

/** The provider could not be asked, which is another thing than a bad answer. */
const isUnavailable = (error: unknown): boolean => {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof DomainError && cause.code.startsWith('outgoing_')) return true
    if (cause instanceof client.ResponseBodyError && cause.status >= 500) return true
  }
  return false
}

const asDomainError = (cause: unknown): DomainError => {
  if (cause instanceof DomainError && !cause.code.startsWith('outgoing_')) return cause
  if (isUnavailable(cause)) {
    const detail = 'The identity provider does not answer: try again in a moment, or sign in with a password.'
    return new DomainError('single_sign_on_unavailable', detail, { cause })
  }
  const detail = 'The identity provider’s answer was not accepted: begin again, or ask whoever runs this server.'
  return new DomainError('sign_in_refused', detail, { cause })
}

const groupsOf = (claim: unknown): readonly string[] | undefined => {
  if (typeof claim === 'string') return [claim]
  if (!Array.isArray(claim)) return undefined
  return claim.filter((group) => typeof group === 'string')
}

export const createOidcProvider = (settings: OidcSettings, fetch: GuardedFetch, clock: Clock): OidcProvider => {
  const { clientSecret } = settings
  let known: { readonly configuration: client.Configuration; readonly at: number } | undefined

  const discover = (): Promise<client.Configuration> =>
    client.discovery(
      new URL(settings.issuer),
      settings.clientId,
      { id_token_signed_response_alg: settings.algorithm },
      clientSecret === undefined ? client.None() : client.ClientSecretBasic(clientSecret),
      {
        [client.customFetch]: (url, { body, headers, method, signal }) => fetch(url, { body, headers, method, signal }),
        // Tokens come by TLS, and are checked by their signature none the less.
        execute: [
          client.enableNonRepudiationChecks,
          ...(settings.issuer.startsWith('http:') ? [client.allowInsecureRequests] : []),
        ],
      },
    )

  const configuration = async (): Promise<client.Configuration> => {
    const now = clock.now().getTime()
    if (known === undefined || now - known.at > DISCOVERY_MS) known = { configuration: await discover(), at: now }
    return known.configuration
  }

  return {
    async authorizationUrl(redirectUri, { state, nonce, verifier }, fresh) {
      try {
        return client.buildAuthorizationUrl(await configuration(), {
          redirect_uri: redirectUri,
          scope: `openid ${settings.scopes}`,
          state,
          nonce,
          code_challenge: await client.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
          ...(fresh ? { prompt: 'login', max_age: '0' } : {}),
        })
      } catch (error) {
        throw asDomainError(error)
      }
    },

    async finish(currentUrl, { state, nonce, verifier }, fresh) {
      try {
        const config = await configuration()
        const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier }
        const tokens = await client.authorizationCodeGrant(
          config,
          currentUrl,
          fresh ? { ...checks, maxAge: FRESH_SECONDS } : checks,
        )
        const claims = tokens.claims()
        if (claims === undefined) throw new Error('no ID token')
        // Many providers keep long lists out of the token (OpenID Connect Core 1.0, §5.4).
        const inToken = groupsOf(claims[settings.groupsClaim])
        const asked =
          inToken === undefined && config.serverMetadata().userinfo_endpoint !== undefined
            ? await client.fetchUserInfo(config, tokens.access_token, claims.sub)
            : {}
        const said: Record<string, unknown> = { ...asked, ...claims }
        return {
          issuer: claims.iss,
          subject: claims.sub,
          preferredName: typeof said.preferred_username === 'string' ? said.preferred_username : undefined,
          groups: groupsOf(said[settings.groupsClaim]) ?? [],
        }
      } catch (error) {
        throw asDomainError(error)
      }
    },
  }
}
