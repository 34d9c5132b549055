import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { printable } from '@rebootless/shared/domain/printable.ts'
import { RELEASE_NAMESPACE } from '@rebootless/shared/domain/signing-bytes.ts'
import { KeyError } from '../../signing/key-error.ts'
import { fitsMessage, openSshPublicKey, readSshSignature } from '../../signing/ssh-signature.ts'

/** The agent as hosts install it: one file, the same bytes for all. */
export interface AgentFile {
  readonly content: Buffer
  readonly bytes: number
  /** Hex. */
  readonly sha256: string
  /** The makers' signature of it, as `ssh-keygen -Y verify` takes it: there where a release was installed. */
  readonly signature?: string
}

/** Undefined when it was not built. */
export const readAgentFile = async (
  path: string,
  log: { warn(fields: object, text: string): void },
): Promise<AgentFile | undefined> => {
  const content = await readFile(path).catch(() => undefined)
  if (content === undefined) return undefined
  const file = { content, bytes: content.byteLength, sha256: createHash('sha256').update(content).digest('hex') }
  const signature = await readFile(`${path}.sig`, 'utf8').catch(() => undefined)
  if (signature === undefined) return file
  const fault = faultOf(signature, content)
  if (fault === undefined) return { ...file, signature }
  log.warn({ file: `${path}.sig` }, `the agent's signature is not given out: ${fault}`)
  return file
}

/**
 * Whose key it is only the hosts can judge, who know the makers' key from elsewhere; here it is seen that the signature
 * is of this file, and not one that was left beside a newer one.
 */
const faultOf = (text: string, content: Buffer): string | undefined => {
  try {
    const signature = readSshSignature(text)
    if (fitsMessage(signature, RELEASE_NAMESPACE, content)) return undefined
    return `${openSshPublicKey(signature.publicKey)} signed another file, or not for ${RELEASE_NAMESPACE}`
  } catch (error) {
    if (error instanceof KeyError) return printable(error.message)
    throw error
  }
}
