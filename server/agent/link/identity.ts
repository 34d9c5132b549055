import { createHash, X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { EnrolResponse } from '@rebootless/shared/contract/enrolment.ts'
import { hostText, Instant } from '@rebootless/shared/contract/primitives.ts'
import { PublicKey } from '@rebootless/shared/contract/signed.ts'
import * as z from 'zod'
import { readIfThere, replaceFile } from './durable-file.ts'

/** Who this host is and whom it trusts. One file, so that key and certificate always belong together; mode 0600. */
export const AgentIdentity = z.strictObject({
  ...EnrolResponse.shape,
  /** Unknown until the next renewal where an older agent enrolled: then no command is taken. */
  commandKey: PublicKey.optional(),
  server: z.url({ protocol: /^https$/ }),
  privateKey: z.string(), // PKCS #8, PEM; born on this host and never sent (threat-model T16)
  enrolledAt: Instant,
  /** By `enrol --name`: goes before the host's own name. */
  givenName: hostText(255).optional(),
})
export type AgentIdentity = z.infer<typeof AgentIdentity>

/** Whose certificates the server may show, PEM, oldest first. */
export const authoritiesOf = (identity: AgentIdentity): string[] =>
  identity.certificateAuthorities ?? [identity.certificateAuthority]

/** SHA-256 of an authority's certificate in DER, base64url. */
export const authorityFingerprint = (pem: string): string =>
  createHash('sha256').update(new X509Certificate(pem).raw).digest('base64url')

const pathOf = (dataDirectory: string) => join(dataDirectory, 'identity.json')

/** Undefined when this host was never enrolled; throws when the file is damaged. */
export const readIdentity = async (dataDirectory: string): Promise<AgentIdentity | undefined> => {
  const text = await readIfThere(pathOf(dataDirectory))
  if (text === undefined) return undefined
  try {
    return AgentIdentity.parse(JSON.parse(text))
  } catch (error) {
    throw new Error(`${pathOf(dataDirectory)} is damaged: remove it and enrol this host again`, { cause: error })
  }
}

export const writeIdentity = (dataDirectory: string, identity: AgentIdentity): Promise<void> =>
  replaceFile(pathOf(dataDirectory), `${JSON.stringify(identity, null, 2)}\n`, { durable: true })

const changing = new Map<string, Promise<unknown>>()

/**
 * Changes the identity as it is by then, one change after the other, so that none writes back what another has replaced.
 * Nothing happens where there is none, or where `change` answers undefined. @returns whether it was changed
 */
export const changeIdentity = (
  dataDirectory: string,
  change: (identity: AgentIdentity) => AgentIdentity | undefined,
): Promise<boolean> => {
  const before = changing.get(dataDirectory) ?? Promise.resolve()
  const done = before
    .catch(() => undefined)
    .then(async () => {
      const identity = await readIdentity(dataDirectory)
      const changed = identity && change(identity)
      if (changed === undefined) return false
      await writeIdentity(dataDirectory, changed)
      return true
    })
    .finally(() => {
      if (changing.get(dataDirectory) === done) changing.delete(dataDirectory)
    })
  changing.set(dataDirectory, done)
  return done
}
