import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { PROTOCOL_VERSION } from '@rebootless/shared/contract/agent-message.ts'
import { RENEW_PATH } from '@rebootless/shared/domain/agent-link.ts'
import type { Clock } from '../clock.ts'
import type { Alarm } from '../watch/alarm.ts'
import { askForCertificate } from './ask-for-certificate.ts'
import { certificateRequest } from './certificate-request.ts'
import { type AgentIdentity, authoritiesOf, authorityFingerprint, changeIdentity, readIdentity } from './identity.ts'
import { LinkError } from './link-error.ts'
import { addressOf } from './server-address.ts'

const HOUR_MS = 60 * 60_000
const RETRY_MS = 10 * 60_000
const NEW_AUTHORITY_SPREAD_MS = 60_000

/** Milliseconds since 1970 at which two thirds of a certificate's life are over (threat-model T17). */
export const renewalDueAt = (certificatePem: string): number => {
  const { validFrom, validTo } = new X509Certificate(certificatePem)
  return Date.parse(validFrom) + ((Date.parse(validTo) - Date.parse(validFrom)) * 2) / 3
}

/** A newer authority is to be trusted than the one that signed our certificate, which will not be trusted for ever. */
const isOfOlderAuthority = (identity: AgentIdentity): boolean => {
  const newest = authoritiesOf(identity).at(-1)
  return newest !== undefined && !new X509Certificate(identity.certificate).checkIssued(new X509Certificate(newest))
}

/**
 * Takes over which authorities the server says to trust; it says so over a link that one of the present ones vouches
 * for. @returns whether they were others
 */
export const learnAuthorities = (dataDirectory: string, certificateAuthorities: string[]): Promise<boolean> =>
  changeIdentity(dataDirectory, (identity) => {
    if (authoritiesOf(identity).join() === certificateAuthorities.join()) return undefined
    for (const pem of certificateAuthorities) authorityFingerprint(pem) // throws for what is no certificate
    return { ...identity, certificateAuthorities }
  })

/** A new key and a certificate for it, asked for under the old one; kept on the disk when this resolves. */
export const renewIdentity = async (dataDirectory: string, identity: AgentIdentity): Promise<AgentIdentity> => {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const answer = await askForCertificate(
    {
      address: addressOf(identity.server),
      authority: authoritiesOf(identity),
      own: { key: identity.privateKey, cert: identity.certificate },
    },
    RENEW_PATH,
    {
      certificateRequest: certificateRequest(keys.privateKey),
      protocol: PROTOCOL_VERSION,
      authorities: authoritiesOf(identity).map(authorityFingerprint),
    },
  )
  const ours = new X509Certificate(answer.certificate).checkPrivateKey(keys.privateKey)
  if (!ours || answer.hostId !== identity.hostId) {
    throw new LinkError('answer_invalid', 'The server renewed another certificate than the one of this host.')
  }
  const { commandKey, certificateAuthorities } = answer
  const news = {
    certificate: answer.certificate,
    expiresAt: answer.expiresAt,
    privateKey: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ...(commandKey === undefined ? {} : { commandKey }),
    ...(certificateAuthorities === undefined ? {} : { certificateAuthorities }),
  }
  await changeIdentity(dataDirectory, (now) => (now.hostId === answer.hostId ? { ...now, ...news } : undefined))
  return { ...identity, ...news }
}

/** Keeps the identity on the disk fresh until aborted; never rejects. `onRenewed`: the link should change to it. */
export const keepIdentityFresh = async (context: {
  dataDirectory: string
  clock: Clock
  signal: AbortSignal
  random: () => number
  onRenewed: () => void
  onFailed: (reason: string) => void
  /** Whom to ask; undefined: the server that the identity names. */
  server: () => string | undefined
  /** Rings when the identity on the disk has changed otherwise. */
  alarm: Alarm
}): Promise<void> => {
  const { clock, signal, dataDirectory } = context
  let spreadFor = ''
  while (!signal.aborted) {
    let waitMs = RETRY_MS * (1 + context.random())
    try {
      const identity = await readIdentity(dataDirectory)
      // Looked at each hour and not slept through: a host that was asleep, or whose clock jumped, must not miss it.
      if (identity === undefined) waitMs = HOUR_MS
      else if (isOfOlderAuthority(identity) && spreadFor !== identity.certificate) {
        // A whole fleet is told at once.
        spreadFor = identity.certificate
        waitMs = NEW_AUTHORITY_SPREAD_MS * context.random()
      } else if (clock.now() < renewalDueAt(identity.certificate) && !isOfOlderAuthority(identity)) {
        waitMs = Math.min(HOUR_MS, renewalDueAt(identity.certificate) - clock.now())
      } else {
        await renewIdentity(dataDirectory, { ...identity, server: context.server() ?? identity.server })
        context.onRenewed()
      }
    } catch (error) {
      context.onFailed(error instanceof Error ? error.message : String(error))
    }
    await context.alarm.wait(waitMs)
  }
}
