import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { RENEW_PATH } from '@rebootless/shared/domain/agent-link.ts'
import type { Clock } from '../clock.ts'
import { askForCertificate } from './ask-for-certificate.ts'
import { certificateRequest } from './certificate-request.ts'
import { type AgentIdentity, readIdentity, writeIdentity } from './identity.ts'
import { LinkError } from './link-error.ts'
import { addressOf } from './server-address.ts'

const HOUR_MS = 60 * 60_000
const RETRY_MS = 10 * 60_000

/** Milliseconds since 1970 at which two thirds of a certificate's life are over (threat-model T17). */
export const renewalDueAt = (certificatePem: string): number => {
  const { validFrom, validTo } = new X509Certificate(certificatePem)
  return Date.parse(validFrom) + ((Date.parse(validTo) - Date.parse(validFrom)) * 2) / 3
}

/** A new key and a certificate for it, asked for under the old one; kept on the disk when this resolves. */
export const renewIdentity = async (dataDirectory: string, identity: AgentIdentity): Promise<AgentIdentity> => {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const answer = await askForCertificate(
    {
      address: addressOf(identity.server),
      authority: identity.certificateAuthority,
      own: { key: identity.privateKey, cert: identity.certificate },
    },
    RENEW_PATH,
    { certificateRequest: certificateRequest(keys.privateKey) },
  )
  const ours = new X509Certificate(answer.certificate).checkPrivateKey(keys.privateKey)
  if (!ours || answer.hostId !== identity.hostId) {
    throw new LinkError('answer_invalid', 'The server renewed another certificate than the one of this host.')
  }
  const renewed: AgentIdentity = {
    ...identity,
    certificate: answer.certificate,
    expiresAt: answer.expiresAt,
    commandKey: answer.commandKey,
    privateKey: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
  await writeIdentity(dataDirectory, renewed)
  return renewed
}

/** Keeps the identity on the disk fresh until aborted; never rejects. `onRenewed`: the link should change to it. */
export const keepIdentityFresh = async (context: {
  dataDirectory: string
  clock: Clock
  signal: AbortSignal
  random: () => number
  onRenewed: () => void
  onFailed: (reason: string) => void
}): Promise<void> => {
  const { clock, signal, dataDirectory } = context
  while (!signal.aborted) {
    let waitMs = RETRY_MS * (1 + context.random())
    try {
      const identity = await readIdentity(dataDirectory)
      // Looked at each hour and not slept through: a host that was asleep, or whose clock jumped, must not miss it.
      if (identity === undefined) waitMs = HOUR_MS
      else if (clock.now() < renewalDueAt(identity.certificate)) {
        waitMs = Math.min(HOUR_MS, renewalDueAt(identity.certificate) - clock.now())
      } else {
        await renewIdentity(dataDirectory, identity)
        context.onRenewed()
      }
    } catch (error) {
      context.onFailed(error instanceof Error ? error.message : String(error))
    }
    await clock.sleep(waitMs, signal)
  }
}
