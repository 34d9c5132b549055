import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { AGENT_RELEASE_BYTES_MAX, AgentRelease } from '@rebootless/shared/contract/agent-release.ts'
import { Signed } from '@rebootless/shared/contract/signed.ts'

/** The makers' agent that this server offers. */
export interface OfferedAgent {
  readonly content: Buffer
  /** Of the whole file, hex. */
  readonly sha256: string
  readonly version: string
}

/**
 * `agent.release` of a release of the makers; undefined: there is none. Whose key has signed it only the hosts can judge; here
 * it is seen that it is whole.
 */
export const readOfferedAgent = async (
  path: string,
  log: { warn(fields: object, text: string): void },
): Promise<OfferedAgent | undefined> => {
  const content = await readFile(path).catch(() => undefined)
  if (content === undefined) return undefined
  try {
    if (content.length > AGENT_RELEASE_BYTES_MAX) throw new Error('it is too large')
    const end = content.indexOf(10)
    const { payload } = Signed.parse(JSON.parse(content.subarray(0, end).toString()))
    const { version, sha256 } = AgentRelease.parse(JSON.parse(payload))
    if (sha256Of(content.subarray(end + 1)) !== sha256) throw new Error('it is not what was signed')
    return { content, sha256: sha256Of(content), version }
  } catch (error) {
    log.warn({ file: path, err: error }, 'the agent release is not offered: it is not whole')
    return undefined
  }
}

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
