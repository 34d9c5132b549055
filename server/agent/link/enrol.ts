import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { ENROL_PATH } from '@rebootless/shared/domain/agent-link.ts'
import { parseJoinToken } from '@rebootless/shared/domain/join-token.ts'
import type { HostOrigin } from '@rebootless/shared/domain/words.ts'
import { askForCertificate } from './ask-for-certificate.ts'
import { certificateRequest } from './certificate-request.ts'
import { beginEpochs } from './epoch.ts'
import { type AgentIdentity, readIdentity, writeIdentity } from './identity.ts'
import { LinkError } from './link-error.ts'
import { fetchPinnedAuthority } from './pinned-authority.ts'
import { addressOf, parseServerUrl } from './server-address.ts'

export interface EnrolOptions {
  readonly server: string
  /** The token, or how to get one when it is needed. */
  readonly token: string | (() => Promise<string>)
  readonly dataDirectory: string
  readonly hostName: string
  /** Chosen by a person: kept, so that the agent goes on calling the host so. */
  readonly givenName?: string
  readonly origin: HostOrigin
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/**
 * Makes a key, has the server certify it, and keeps the identity in the data directory. The secret of the token only
 * goes to a server whose certificate was signed by the pinned authority for the fixed name. Throws LinkError.
 */
export const enrol = async (options: EnrolOptions): Promise<AgentIdentity> => {
  const server = parseServerUrl(options.server)
  if (server === undefined) {
    throw new LinkError('server_address_invalid', `"${options.server}" is no address: write https://HOST:PORT.`)
  }
  const text = typeof options.token === 'string' ? options.token : await options.token()
  const token = parseJoinToken(text)
  if (token === undefined) {
    throw new LinkError('token_malformed', 'This is not a join token: copy the whole command from the server.')
  }
  const address = addressOf(server)
  const authority = await fetchPinnedAuthority(address, token.authorityPin)
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const answer = await askForCertificate({ address, authority }, ENROL_PATH, {
    token: text.trim(),
    certificateRequest: certificateRequest(keys.privateKey),
    hostName: options.hostName,
    origin: options.origin,
  })
  const ours = new X509Certificate(answer.certificate).checkPrivateKey(keys.privateKey)
  if (!ours) throw new LinkError('answer_invalid', 'The server certified a key that is not of this host.')
  const identity: AgentIdentity = {
    ...answer,
    certificateAuthority: authority, // the pinned one, whatever the answer says
    server,
    privateKey: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    enrolledAt: new Date(options.now()).toISOString(),
    ...(options.givenName === undefined ? {} : { givenName: options.givenName }),
  }
  await beginEpochs(options.dataDirectory)
  await writeIdentity(options.dataDirectory, identity)
  return identity
}

/**
 * The identity in the data directory, or a new one. One that is enrolled is not enrolled again, except with `force`:
 * for a server that no longer knows the host. Throws LinkError.
 */
export const ensureEnrolled = async (options: EnrolOptions & { force?: boolean }): Promise<AgentIdentity> => {
  const identity = options.force === true ? undefined : await readIdentity(options.dataDirectory)
  return identity ?? (await enrol(options))
}
