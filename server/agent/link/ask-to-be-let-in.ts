import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PROTOCOL_VERSION } from '@rebootless/shared/contract/agent-message.ts'
import { keyFingerprintText } from '@rebootless/shared/domain/key-fingerprint.ts'
import type { Clock } from '../clock.ts'
import { askToBeLetIn } from './ask-for-certificate.ts'
import { certificateRequest } from './certificate-request.ts'
import { readIfThere, replaceFile } from './durable-file.ts'
import { keepAnswer, type NewcomerOptions, serverUrl } from './enrol.ts'
import type { AgentIdentity } from './identity.ts'
import { LinkError } from './link-error.ts'
import { fetchPinnedAuthority } from './pinned-authority.ts'
import { addressOf } from './server-address.ts'

export interface AskOptions extends Omit<NewcomerOptions, 'now'> {
  /** SHA-256 of the authority's certificate in DER, base64url: by `parseAuthorityFingerprint`. */
  readonly authorityPin: string
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Called once, with what a person compares before he lets this host in. */
  onWaiting(keyFingerprint: string): void
}

const RETRY_MS = 10_000

/** Hex, with or without colons, as openssl and the page show it, or base64url; undefined when it is neither. */
export const parseAuthorityFingerprint = (text: string): string | undefined => {
  const hex = text.trim().replaceAll(':', '')
  if (/^[0-9a-f]{64}$/i.test(hex)) return Buffer.from(hex, 'hex').toString('base64url')
  return /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(text.trim()) ? text.trim() : undefined
}

/**
 * Asks the server to let this host in, and goes on asking until a person has decided. The server is known by the
 * fingerprint of its authority, which has to be given: whoever trusts the first who answers may trust anybody. The key is
 * kept meanwhile, so that an agent that is started again asks as the same host. Throws LinkError.
 */
export const enrolByAsking = async (options: AskOptions): Promise<AgentIdentity> => {
  const { clock, signal, dataDirectory } = options
  const server = serverUrl(options.server)
  const address = addressOf(server)
  const authority = await fetchPinnedAuthority(address, options.authorityPin)
  const privateKey = await waitingKey(dataDirectory)
  const body = {
    protocol: PROTOCOL_VERSION,
    certificateRequest: certificateRequest(privateKey),
    hostName: options.hostName,
    ...(options.machineId === undefined ? {} : { machineId: options.machineId }),
  }
  let told = false
  while (!signal.aborted) {
    const answer = await askToBeLetIn({ address, authority }, body).catch((error: unknown) => {
      // Once it waits, a server that restarts or is busy must not cost its place.
      const passing =
        error instanceof LinkError && (error.code === 'server_unreachable' || error.problem === 'not_ready')
      if (told && passing) return undefined
      throw error
    })
    if (answer !== undefined && 'hostId' in answer) {
      const given = { ...options, server, authority, privateKey, now: () => clock.now() }
      const identity = await keepAnswer(answer, given)
      await rm(keyPath(dataDirectory), { force: true })
      return identity
    }
    if (!told) options.onWaiting(keyFingerprintText(fingerprintOf(privateKey)))
    told = true
    await clock.sleep(answer?.askAgainMs ?? RETRY_MS, signal)
  }
  throw new LinkError('refused', 'Stopped before anybody decided: the same command goes on asking.')
}

const keyPath = (dataDirectory: string) => join(dataDirectory, 'waiting-key.pem')

const waitingKey = async (dataDirectory: string): Promise<KeyObject> => {
  const text = await readIfThere(keyPath(dataDirectory))
  if (text !== undefined) return createPrivateKey(text)
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  await replaceFile(keyPath(dataDirectory), pem, { durable: true })
  return privateKey
}

const fingerprintOf = (privateKey: KeyObject): string =>
  createHash('sha256')
    .update(createPublicKey(privateKey).export({ type: 'spki', format: 'der' }))
    .digest('hex')
