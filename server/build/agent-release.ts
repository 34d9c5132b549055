import { PROTOCOL_VERSION } from '@rebootless/shared/contract/agent-message.ts'
import { AgentRelease } from '@rebootless/shared/contract/agent-release.ts'
import type { Signed } from '@rebootless/shared/contract/signed.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import { sha256Of } from '../agent/acts/get-artefact.ts'
import { openRelease, versionOf } from '../agent/update/open-release.ts'
import type { SigningKey } from '../cli/keys/signing-key.ts'
import { ReleaseError } from '../cli/release/release-files.ts'

export const AGENT_RELEASE = 'agent.release'
/** An older agent knows no release of this kind, and is replaced by hand. */
const FROM = '0.1.0'
const NODE = 20

/**
 * The agent with the makers' word on it, as servers offer it to hosts (threat-model T34).
 * @throws KeyError
 */
export const makeAgentRelease = async (
  agent: Uint8Array,
  key: Pick<SigningKey, 'publicKey' | 'sign'>,
  change: Partial<AgentRelease> = {},
): Promise<Uint8Array> => {
  const release = {
    ...{ version: versionOf(agent) ?? '', sha256: sha256Of(agent), size: agent.length },
    ...{ protocol: PROTOCOL_VERSION, from: FROM, node: NODE, ...change },
  }
  const type = PAYLOAD_TYPES.agentRelease
  const payload = canonicalJson(AgentRelease.parse(release))
  const signed: Signed = { type, payload, signatures: [await key.sign(type, payload)] }
  return Buffer.concat([Buffer.from(`${JSON.stringify(signed)}\n`), agent])
}

/** @throws ReleaseError when an agent that trusts the key would not take it */
export const requireTakeable = (bytes: Uint8Array, publicKey: string): void => {
  const opened = openRelease(bytes, publicKey)
  if (!opened.ok) throw new ReleaseError(`No agent would take this release: ${opened.detail}`)
}
