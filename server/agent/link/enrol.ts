import { generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto'
import { PROTOCOL_VERSION } from '@rebootless/shared/contract/agent-message.ts'
import type { EnrolResponse } from '@rebootless/shared/contract/enrolment.ts'
import { ENROL_PATH } from '@rebootless/shared/domain/agent-link.ts'
import { parseJoinToken } from '@rebootless/shared/domain/join-token.ts'
import type { HostOrigin } from '@rebootless/shared/domain/words.ts'
import { askForCertificate } from './ask-for-certificate.ts'
import { certificateRequest } from './certificate-request.ts'
import { beginEpochs } from './epoch.ts'
import { type AgentIdentity, authorityFingerprint, readIdentity, writeIdentity } from './identity.ts'
import { LinkError } from './link-error.ts'
import { fetchPinnedAuthority } from './pinned-authority.ts'
import { addressOf, parseServerUrl } from './server-address.ts'

export interface NewcomerOptions {
  readonly server: string
  readonly dataDirectory: string
  readonly hostName: string
  /** Chosen by a person: kept, so that the agent goes on calling the host so. */
  readonly givenName?: string
  /** By machine-id.ts; undefined: not known. */
  readonly machineId?: string | undefined
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export interface EnrolOptions extends NewcomerOptions {
  /** The token, or how to get one when it is needed. */
  readonly token: string | (() => Promise<string>)
  readonly origin: HostOrigin
}

/** Throws LinkError. */
export const serverUrl = (text: string): string => {
  const server = parseServerUrl(text)
  if (server === undefined) {
    throw new LinkError('server_address_invalid', `"${text}" is no address: write https://HOST:PORT.`)
  }
  return server
}

/**
 * Makes a key, has the server certify it, and keeps the identity in the data directory. The secret of the token only
 * goes to a server whose certificate was signed by the pinned authority for the fixed name. Throws LinkError.
 */
export const enrol = async (options: EnrolOptions): Promise<AgentIdentity> => {
  const server = serverUrl(options.server)
  const text = typeof options.token === 'string' ? options.token : await options.token()
  const token = parseJoinToken(text)
  if (token === undefined) {
    throw new LinkError('token_malformed', 'This is not a join token: copy the whole command from the server.')
  }
  const address = addressOf(server)
  const authority = await fetchPinnedAuthority(address, token.authorityPin)
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const answer = await askForCertificate({ address, authority }, ENROL_PATH, {
    token: text.trim(),
    certificateRequest: certificateRequest(privateKey),
    hostName: options.hostName,
    origin: options.origin,
    protocol: PROTOCOL_VERSION,
    ...(options.machineId === undefined ? {} : { machineId: options.machineId }),
  })
  return await keepAnswer(answer, { ...options, server, authority, privateKey })
}

/** Keeps what the server gave as this host's identity, once it is found to be for this key and of the pinned authority. */
export const keepAnswer = async (
  answer: EnrolResponse,
  given: NewcomerOptions & { authority: string; privateKey: KeyObject },
): Promise<AgentIdentity> => {
  const { server, authority, privateKey, dataDirectory, givenName } = given
  if (!new X509Certificate(answer.certificate).checkPrivateKey(privateKey)) {
    throw new LinkError('answer_invalid', 'The server certified a key that is not of this host.')
  }
  const pinned = authorityFingerprint(authority)
  const { certificateAuthorities } = answer
  if (certificateAuthorities?.some((pem) => authorityFingerprint(pem) === pinned) === false) {
    throw new LinkError('answer_invalid', 'The server does not trust the authority that this host was told to trust.')
  }
  const identity: AgentIdentity = {
    ...answer,
    certificateAuthority: authority, // the pinned one, whatever the answer says
    server,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    enrolledAt: new Date(given.now()).toISOString(),
    ...(givenName === undefined ? {} : { givenName }),
  }
  await beginEpochs(dataDirectory)
  await writeIdentity(dataDirectory, identity)
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
