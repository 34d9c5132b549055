import { join } from 'node:path'
import { EnrolResponse } from '@rebootless/shared/contract/enrolment.ts'
import { hostText, Instant } from '@rebootless/shared/contract/primitives.ts'
import * as z from 'zod'
import { readIfThere, replaceFile } from './durable-file.ts'

/** Who this host is and whom it trusts. One file, so that key and certificate always belong together; mode 0600. */
export const AgentIdentity = z.strictObject({
  ...EnrolResponse.shape,
  server: z.url({ protocol: /^https$/ }),
  privateKey: z.string(), // PKCS #8, PEM; born on this host and never sent (threat-model T16)
  enrolledAt: Instant,
  /** By `enrol --name`: goes before the host's own name. */
  givenName: hostText(255).optional(),
})
export type AgentIdentity = z.infer<typeof AgentIdentity>

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
