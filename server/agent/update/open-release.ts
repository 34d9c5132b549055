import { AGENT_RELEASE_BYTES_MAX, AgentRelease } from '@rebootless/shared/contract/agent-release.ts'
import { Signed } from '@rebootless/shared/contract/signed.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import { isSigned } from '../../signing/ed25519.ts'
import { sha256Of } from '../acts/get-artefact.ts'
import { parseSigned, type Refused, refused } from '../commands/signatures.ts'

const HEAD_BYTES_MAX = 4096

export type OpenedRelease =
  | { readonly ok: true; readonly release: AgentRelease; readonly agent: Uint8Array; readonly signed: Signed }
  | Refused

/** The agent in a release, once the makers' signature, its hash and its own word on its version were found right. Pure. */
export const openRelease = (bytes: Uint8Array, makersKey: string): OpenedRelease => {
  const end = bytes.indexOf(10)
  if (bytes.length > AGENT_RELEASE_BYTES_MAX || end < 1 || end > HEAD_BYTES_MAX) return unfit('It is no agent release.')
  let signed: Signed
  try {
    signed = Signed.parse(JSON.parse(Buffer.from(bytes.subarray(0, end)).toString()))
  } catch {
    return unfit('It is no agent release.')
  }
  const type = PAYLOAD_TYPES.agentRelease
  const signature = signed.signatures.find(({ publicKey }) => publicKey === makersKey)
  if (signed.type !== type || signature === undefined || !isSigned(signature, type, signed.payload)) {
    return refused('release_signature', `The key ${makersKey} has not signed it.`)
  }
  const parsed = parseSigned(signed, AgentRelease)
  if (!parsed.ok) return parsed
  const release = parsed.value
  const agent = bytes.subarray(end + 1)
  if (agent.length !== release.size || sha256Of(agent) !== release.sha256) return unfit('It is not what was signed.')
  return versionOf(agent) === release.version
    ? { ok: true, release, agent, signed }
    : unfit(`It was signed as ${release.version}, and says ${versionOf(agent)} of itself.`)
}

export const unfit = (detail: string): Refused => refused('release_unfit', detail)

/** By the second line of the agent's file; null: it is none. */
export const versionOf = (agent: Uint8Array): string | null =>
  /^#![^\n]*\n\/\/ rebootless-agent (\d+\.\d+\.\d+),/.exec(Buffer.from(agent.subarray(0, 200)).toString())?.[1] ?? null

export const isOlder = (one: string, other: string): boolean => {
  const [left, right] = [one, other].map((version) => version.split('.').map(Number))
  const at = [0, 1, 2].find((index) => left?.[index] !== right?.[index]) ?? 0
  return (left?.[at] ?? 0) < (right?.[at] ?? 0)
}
