import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import type { PublicKey } from '@rebootless/shared/contract/signed.ts'
import { authoritiesOf, readIdentity, writeIdentity } from '../agent/link/identity.ts'
import type { CertificateAuthorities } from '../bff/link/certificate-authorities.ts'
import type { EnrolmentStore } from '../bff/link/ports.ts'

/** Agents renew by themselves at two thirds of a certificate's life; what is nearer to its end was off for days. */
const CERTIFICATE_LEFT_MS = 24 * 60 * 60_000

/**
 * Agents of our own keep their host over a change of port and over a pause longer than a certificate's life: this
 * program holds authority and store, so it gives the same host a new certificate. False: there is no identity, or the
 * database does not know it, so it has to enrol.
 */
export async function keepIdentity(options: {
  dataDirectory: string
  server: string
  authorities: CertificateAuthorities
  commandKey: PublicKey
  store: EnrolmentStore
  now: Date
}): Promise<boolean> {
  const { dataDirectory, server, authorities, commandKey, store, now } = options
  const identity = await readIdentity(dataDirectory).catch(() => undefined)
  if (identity === undefined) return false
  const trusted = authorities.trusted().map(({ certificatePem }) => certificatePem)
  const knownBefore = authoritiesOf(identity).map((pem) => pem.trim())
  if (!trusted.some((pem) => knownBefore.includes(pem.trim()))) return false
  const fingerprint = new X509Certificate(identity.certificate).fingerprint256.replaceAll(':', '').toLowerCase()
  if ((await store.certifiedHost(fingerprint)) === undefined) return false
  if (Date.parse(identity.expiresAt) - now.getTime() > CERTIFICATE_LEFT_MS) {
    const same =
      identity.server === server &&
      identity.commandKey === commandKey &&
      authoritiesOf(identity).join() === trusted.join()
    if (!same) await writeIdentity(dataDirectory, { ...identity, server, commandKey, certificateAuthorities: trusted })
    return true
  }
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const issued = await authorities.newest().issueAgentCertificate({
    hostId: identity.hostId,
    publicKey: keys.publicKey.export({ type: 'spki', format: 'der' }),
    now,
  })
  if (!(await store.addCertificate({ hostId: identity.hostId, certificate: issued, now }))) return false
  await writeIdentity(dataDirectory, {
    ...identity,
    server,
    commandKey,
    certificateAuthorities: trusted,
    privateKey: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: issued.certificatePem,
    expiresAt: issued.expiresAt.toISOString(),
  })
  return true
}
