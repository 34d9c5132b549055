import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { CommandMessage } from '@rebootless/shared/contract/agent-message.ts'
import type { Authorisation, Command, Freeze } from '@rebootless/shared/contract/command.ts'
import type { KeySignature, Signed } from '@rebootless/shared/contract/signed.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import { PAYLOAD_TYPES, type PayloadType, signingBytes } from '@rebootless/shared/domain/signing-bytes.ts'
import { publicKeyOf } from '../../signing/ed25519.ts'

export const STARTED_AT_MS = Date.UTC(2026, 10, 26, 12)
export const HOST_ID = '6f1d7f3e-6a55-4f0c-9b58-1f6f0f1c2d3e'
export const HOST_KEY = 'a'.repeat(64)

export const newKey = () => {
  const { privateKey } = generateKeyPairSync('ed25519')
  return { privateKey, publicKey: publicKeyOf(privateKey) }
}
export type TestKey = ReturnType<typeof newKey>

export const signatureBy = (
  key: { privateKey: KeyObject; publicKey: string },
  type: PayloadType,
  payload: string,
): KeySignature => ({
  publicKey: key.publicKey,
  signature: sign(null, signingBytes(type, payload), key.privateKey).toString('base64'),
})

export const signedBy = (keys: readonly TestKey[], type: PayloadType, payload: string): Signed => ({
  ...{ type, payload, signatures: keys.map((key) => signatureBy(key, type, payload)) },
})

export const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')
export const instant = (ms: number): string => new Date(ms).toISOString()

let numbers = 0
const nextNumber = (): number => {
  numbers += 1
  return numbers
}
const uuid = (): string => `00000000-0000-4000-8000-${String(nextNumber()).padStart(12, '0')}`

/** What approvers would sign, good for an hour around `nowMs`. */
export const authorisationOf = (change: Partial<Authorisation>, nowMs = STARTED_AT_MS): Authorisation => ({
  ...{ version: 1, id: uuid(), action: 'load', patch: null, artefact: null, kernel: null, provider: null },
  ...{ target: null, blockingTasks: [], hosts: [{ id: HOST_ID, notBefore: instant(nowMs - 60_000) }] },
  ...{ expiresAt: instant(nowMs + 3_600_000), rollout: null, downgrade: false, reversal: false },
  ...{ reason: 'a test', requestedBy: 'ada', requestedAt: instant(nowMs - 120_000) },
  ...change,
})

export const commandOf = (authorisation: string, change: Partial<Command>, nowMs = STARTED_AT_MS): Command => ({
  ...{
    version: 1,
    id: uuid(),
    authorisation: sha256(authorisation),
    part: 'action',
    hostId: HOST_ID,
    hostKey: HOST_KEY,
  },
  ...{ epoch: 1, sequence: nextNumber(), issuedAt: instant(nowMs), expiresAt: instant(nowMs + 300_000) },
  ...change,
})

export const messageOf = (
  server: TestKey,
  authorisation: Authorisation,
  {
    command = {},
    approvers = [],
    nowMs = STARTED_AT_MS,
  }: { command?: Partial<Command>; approvers?: TestKey[]; nowMs?: number } = {},
): CommandMessage => {
  const payload = canonicalJson(authorisation)
  return {
    type: 'command',
    authorisation: signedBy(approvers, PAYLOAD_TYPES.authorisation, payload),
    command: signedBy([server], PAYLOAD_TYPES.command, canonicalJson(commandOf(payload, command, nowMs))),
  }
}

export const freezeOf = (server: TestKey, frozen: boolean, number: number, nowMs = STARTED_AT_MS): Signed => {
  const freeze: Freeze = { version: 1, frozen, epoch: 1, sequence: number, at: instant(nowMs) }
  return signedBy([server], PAYLOAD_TYPES.freeze, canonicalJson(freeze))
}

export const idOf = ({ command }: CommandMessage): string => JSON.parse(command.payload).id
