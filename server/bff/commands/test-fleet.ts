import { createHash, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import type { CommandResult, HostPolicySummary, ServerMessage } from '@rebootless/shared/contract/agent-message.ts'
import { PROTOCOL_VERSION } from '@rebootless/shared/contract/agent-message.ts'
import { Authorisation, Command, Freeze } from '@rebootless/shared/contract/command.ts'
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import type { Kysely } from 'kysely'
import { isSigned, publicKeyOf } from '../../signing/ed25519.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { createIngest } from '../ingest/ingest.ts'
import { enrolTestHost } from '../ingest/test-host.ts'
import { hello, patchedSnapshot, snapshotMessage } from '../ingest/test-messages.ts'
import type { CommandLink } from '../link/ports.ts'

export interface TestHost {
  readonly id: string
  readonly name: string
}

/** A host that has said hello and sent one snapshot, and whose agent is linked. */
export const addTestHost = async (
  database: Kysely<DatabaseSchema>,
  options: {
    name?: string
    policy?: Partial<HostPolicySummary>
    snapshot?: Partial<Snapshot>
    labels?: Record<string, string>
    now?: Date
  } = {},
): Promise<TestHost> => {
  const now = options.now ?? new Date()
  const name = options.name ?? `host-${randomUUID().slice(0, 8)}`
  const id = await enrolTestHost(database, { name, now, labels: options.labels ?? {} })
  const ingest = createIngest({ database, clock: { now: () => now }, changesEveryMs: 0 })
  const policy: HostPolicySummary = {
    ...{ hostClass: 'lab', reason: null, approvers: [], threshold: 1, hours: null, neverForce: false, stopped: false },
    ...options.policy,
  }
  const said = { hostName: name, hostClass: policy.hostClass, policy, protocol: PROTOCOL_VERSION }
  await ingest.linkOpened(id, `link-${id}`, hello({ epoch: 1, sequence: 1 }, said), now)
  await ingest.accept(
    id,
    snapshotMessage({ epoch: 1, sequence: 2 }, patchedSnapshot({ hostName: name, ...options.snapshot })),
    now,
  )
  return { id, name }
}

/** A key of an approver: the private half is never given to the server. */
export const newApproverKey = (): { privateKey: KeyObject; publicKey: string } => {
  const { privateKey } = generateKeyPairSync('ed25519')
  return { privateKey, publicKey: publicKeyOf(privateKey) }
}

/**
 * The agent's side, as far as the outbox can tell: a journal that outlives links, strictly rising order, expiry, and a
 * freeze. `effects` is what a kernel would have felt. The real agent is tried against the real server in e2e.
 */
export const createAgentStub = (host: TestHost, serverKey: string, now: () => Date) => {
  const journal = new Map<string, CommandResult>()
  const effects: string[] = []
  let last = { epoch: 0, sequence: 0 }
  let freeze: Freeze = { version: 1, frozen: false, epoch: 0, sequence: 0, at: '2026-01-01T00:00:00.000Z' }
  let spoken = 10
  const isAfter = (left: { epoch: number; sequence: number }, right: { epoch: number; sequence: number }) =>
    left.epoch > right.epoch || (left.epoch === right.epoch && left.sequence > right.sequence)

  const answer = (commandId: string, state: CommandResult['state'], code: string | null = null): CommandResult => {
    spoken += 1
    const at = now().toISOString()
    const order = { epoch: 1, sequence: spoken, sentAt: at }
    const result: CommandResult = { type: 'result', ...order, commandId, state, code, detail: 'as the stub has it', at }
    journal.set(commandId, result)
    return result
  }

  return {
    host,
    effects,
    isFrozen: () => freeze.frozen,
    /** What it says to one message; undefined: nothing. */
    hear(message: ServerMessage): CommandResult | undefined {
      if (message.type === 'freeze') {
        const [signature] = message.freeze.signatures
        if (signature === undefined || signature.publicKey !== serverKey) throw new Error('a freeze without the server')
        if (!isSigned(signature, PAYLOAD_TYPES.freeze, message.freeze.payload)) throw new Error('a forged freeze')
        const told = Freeze.parse(JSON.parse(message.freeze.payload))
        if (isAfter(told, freeze)) freeze = told
        return undefined
      }
      if (message.type !== 'command') return undefined
      const [signature] = message.command.signatures
      if (signature?.publicKey !== serverKey) throw new Error('a command of another key')
      if (!isSigned(signature, PAYLOAD_TYPES.command, message.command.payload)) throw new Error('a forged command')
      const command = Command.parse(JSON.parse(message.command.payload))
      const authorisation = Authorisation.parse(JSON.parse(message.authorisation.payload))
      const hash = createHash('sha256').update(message.authorisation.payload).digest('hex')
      if (command.hostId !== host.id || hash !== command.authorisation) throw new Error('a command gone astray')
      const known = journal.get(command.id)
      if (known !== undefined) return known
      if (!isAfter(command, last)) return answer(command.id, 'refused', 'sequence_old')
      last = command
      if (now() >= new Date(command.expiresAt)) return answer(command.id, 'refused', 'command_expired')
      if (freeze.frozen) return answer(command.id, 'refused', 'frozen')
      effects.push(`${authorisation.id} ${command.part}`)
      return answer(command.id, 'done')
    },
  }
}
export type AgentStub = ReturnType<typeof createAgentStub>

/** A link whose messages land in a list. */
export const listeningLink = (
  host: TestHost,
  linkId: string = randomUUID(),
): CommandLink & { sent: ServerMessage[] } => {
  const sent: ServerMessage[] = []
  return { linkId, hostId: host.id, publicKey: Buffer.from(host.id), send: (message) => void sent.push(message), sent }
}
