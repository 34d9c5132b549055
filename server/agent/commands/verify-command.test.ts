// Goal: a command is taken only if each of its checks agrees, and the one that does not is named. Method: one good command for
// each class of host, and a table of what is wrong with it.
import type { CommandMessage } from '@rebootless/shared/contract/agent-message.ts'
import type { Authorisation, Command } from '@rebootless/shared/contract/command.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import { COMMAND_REFUSALS, type CommandRefusal } from '@rebootless/shared/domain/command-refusals.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import { describe, expect, test } from 'vitest'
import { type HostPolicy, LAB_POLICY } from '../config/host-policy.ts'
import {
  authorisationOf,
  commandOf,
  HOST_ID,
  HOST_KEY,
  instant,
  STARTED_AT_MS as NOW,
  newKey,
  signatureBy,
  signedBy,
  type TestKey,
} from './test-commands.ts'
import { type VerificationFacts, verifyCommand } from './verify-command.ts'

const server = newKey()
const [ada, bob, eve] = [newKey(), newKey(), newKey()]
const KERNEL = { release: '6.12.117', buildId: 'abcd' }
const MINUTE = 60_000

const production = (change: object = {}): HostPolicy => ({
  hostClass: 'production',
  reason: null,
  config: {
    ...{ class: 'production', threshold: 1, neverForce: false },
    approvers: [
      { name: 'ada', publicKey: ada.publicKey },
      { name: 'bob', publicKey: bob.publicKey },
    ],
    ...change,
  },
})
const lab = (change: object): HostPolicy => ({
  ...{ hostClass: 'lab', reason: null },
  config: { class: 'lab', approvers: [], threshold: 1, neverForce: false, ...change },
})

const facts = (change: Partial<VerificationFacts> = {}): VerificationFacts => ({
  ...{ hostId: HOST_ID, hostKey: HOST_KEY, commandKey: server.publicKey, policy: LAB_POLICY, kernel: KERNEL },
  ...{ last: { epoch: 1, sequence: 0 }, lastSignedAtMs: null, skewMs: 0, nowMs: NOW + 1_000 },
  ...{ frozen: false, stopped: false, forced: false, recorded: false },
  ...change,
})

interface Making {
  authorisation?: Partial<Authorisation>
  command?: Partial<Command>
  approvers?: readonly TestKey[]
  /** Of what is signed. */
  payload?: (text: string) => string
  commandPayload?: (text: string) => string
  /** After it was signed. */
  message?: (message: CommandMessage) => CommandMessage
}
const disable = { action: 'disable', patch: 'livepatch_1', kernel: KERNEL } as const
const make = ({ authorisation, command, approvers = [], ...change }: Making = {}): CommandMessage => {
  const text = canonicalJson(authorisationOf({ ...disable, ...authorisation }))
  const payload = change.payload?.(text) ?? text
  const commandText = canonicalJson(commandOf(payload, command ?? {}))
  const message: CommandMessage = {
    type: 'command',
    authorisation: signedBy(approvers, PAYLOAD_TYPES.authorisation, payload),
    command: signedBy([server], PAYLOAD_TYPES.command, change.commandPayload?.(commandText) ?? commandText),
  }
  return change.message?.(message) ?? message
}
const codeOf = (making: Making, change: Partial<VerificationFacts> = {}) => {
  const verdict = verifyCommand(make(making), facts(change))
  return verdict.ok ? 'taken' : verdict.code
}

/** S + L: the same point, by a second half that is not below the group's order (RFC 8032, 5.1.7). */
const withOrderAdded = (signature: string): string => {
  const bytes = Buffer.from(signature, 'base64')
  let second = 0n
  for (let index = 63; index >= 32; index -= 1) second = (second << 8n) | BigInt(bytes[index] ?? 0)
  second += 2n ** 252n + 27742317777372353535851937790883648493n
  for (let index = 32; index < 64; index += 1) {
    bytes[index] = Number(second & 255n)
    second >>= 8n
  }
  return bytes.toString('base64')
}

const resigned = (payload: (text: string) => string) => (message: CommandMessage) => ({
  ...message,
  command: signedBy([server], PAYLOAD_TYPES.command, payload(message.command.payload)),
})

type Row = [name: string, code: CommandRefusal | 'taken', making: Making, facts?: Partial<VerificationFacts>]

describe('T23 signatures', () => {
  test.each<Row>([
    ['good', 'taken', {}],
    ['no key of the server known', 'server_key_unknown', {}, { commandKey: undefined }],
    ['by another key', 'server_signature', {}, { commandKey: eve.publicKey }],
    [
      'altered',
      'server_signature',
      { message: (m) => ({ ...m, command: { ...m.command, payload: `${m.command.payload} ` } }) },
    ],
    ['none', 'server_signature', { message: (m) => ({ ...m, command: { ...m.command, signatures: [] } }) }],
    [
      'twice',
      'server_signature',
      {
        message: (m) => ({
          ...m,
          command: { ...m.command, signatures: [...m.command.signatures, ...m.command.signatures] },
        }),
      },
    ],
    [
      'type swapped',
      'type_wrong',
      { message: (m) => ({ ...m, command: { ...m.command, type: PAYLOAD_TYPES.authorisation } }) },
    ],
    [
      'signed as another type',
      'server_signature',
      {
        message: (m) => ({
          ...m,
          command: { ...signedBy([server], PAYLOAD_TYPES.freeze, m.command.payload), type: PAYLOAD_TYPES.command },
        }),
      },
    ],
    [
      'an authorisation of another type',
      'type_wrong',
      { message: (m) => ({ ...m, authorisation: { ...m.authorisation, type: PAYLOAD_TYPES.command } }) },
    ],
    [
      'S ≥ L',
      'server_signature',
      {
        message: (m) => ({
          ...m,
          command: {
            ...m.command,
            signatures: m.command.signatures.map((one) => ({ ...one, signature: withOrderAdded(one.signature) })),
          },
        }),
      },
    ],
    ['trailing bytes', 'malformed', { message: resigned((text) => `${text}{}`) }],
    ['a trailing blank', 'not_canonical', { message: resigned((text) => `${text} `) }],
    ['a duplicate field', 'not_canonical', { message: resigned((text) => text.replace('{', '{"version":1,')) }],
    [
      're-ordered',
      'not_canonical',
      { message: resigned((text) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).reverse()))) },
    ],
    [
      'an unknown field',
      'malformed',
      { message: resigned((text) => canonicalJson({ ...JSON.parse(text), force: true })) },
    ],
    ['__proto__', 'malformed', { message: resigned((text) => text.replace('{', '{"__proto__":{},')) }],
    ['nested without end', 'malformed', { message: resigned(() => '['.repeat(200_000)) }],
    [
      'an authorisation re-ordered',
      'not_canonical',
      { payload: (text) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).reverse())) },
    ],
    [
      'an authorisation with a field twice',
      'not_canonical',
      { payload: (text) => text.replace('{', '{"downgrade":true,') },
    ],
    [
      'half a surrogate pair, which UTF-8 cannot tell from another',
      'not_canonical',
      { payload: (text) => text.replace('a test', '\ud800') },
    ],
    [
      'the authorisation changed after the command was made',
      'authorisation_mismatch',
      {
        message: (m) => ({
          ...m,
          authorisation: { ...m.authorisation, payload: m.authorisation.payload.replace('livepatch_1', 'livepatch_2') },
        }),
      },
    ],
  ])('T23 %s: %s', (_name, code, making, change) => expect(codeOf(making, change)).toBe(code))
})

describe('T22 for whom, where and when', () => {
  const host = (change: object) => ({ authorisation: { hosts: [{ id: HOST_ID, notBefore: instant(NOW), ...change }] } })
  const OTHER = '11111111-1111-4111-8111-111111111111'
  test.each<Row>([
    ['another host', 'host_wrong', { command: { hostId: OTHER } }],
    ['another key', 'host_key_wrong', { command: { hostKey: 'b'.repeat(64) } }],
    ['not among the hosts', 'host_not_authorised', host({ id: OTHER })],
    ['T19 the same number again', 'sequence_old', { command: { sequence: 5 } }, { last: { epoch: 1, sequence: 5 } }],
    [
      'T19 an earlier epoch',
      'sequence_old',
      { command: { epoch: 1, sequence: 900 } },
      { last: { epoch: 2, sequence: 5 } },
    ],
    ['T19 a later epoch', 'taken', { command: { epoch: 3, sequence: 0 } }, { last: { epoch: 2, sequence: 5 } }],
    ['another release', 'kernel_release', {}, { kernel: { ...KERNEL, release: '6.12.118' } }],
    ['another build', 'kernel_build_id', {}, { kernel: { ...KERNEL, buildId: 'ffff' } }],
    ['a build that cannot be read', 'kernel_build_id', {}, { kernel: { ...KERNEL, buildId: null } }],
    ['a kernel that cannot be read', 'kernel_unknown', {}, { kernel: { release: null, buildId: null } }],
    ['no build asked for', 'taken', { authorisation: { kernel: { ...KERNEL, buildId: null } } }],
    ['before its wave', 'wave_not_begun', host({ notBefore: instant(NOW + MINUTE) })],
    ['the authorisation is over', 'authorisation_expired', { authorisation: { expiresAt: instant(NOW) } }],
    ['the authorisation is endless', 'authorisation_endless', { authorisation: { expiresAt: instant(NOW + 4e9) } }],
    [
      'the command is over',
      'command_expired',
      { command: { issuedAt: instant(NOW - MINUTE), expiresAt: instant(NOW) } },
    ],
    ['the command is endless', 'command_endless', { command: { expiresAt: instant(NOW + 16 * MINUTE) } }],
    ['T21 the clock is off', 'clock_skew', {}, { skewMs: -301_000 }],
    [
      'T21 the command is of the future',
      'clock_skew',
      { command: { issuedAt: instant(NOW + 6 * MINUTE), expiresAt: instant(NOW + 7 * MINUTE) } },
    ],
    ['T21 the clock went back', 'clock_behind', {}, { lastSignedAtMs: NOW + 6 * MINUTE }],
    ['T21 1970', 'clock_skew', {}, { nowMs: 0 }],
    ['T21 2038: all is over', 'command_expired', {}, { nowMs: Date.UTC(2038, 0, 19) }],
    [
      'T21 a clock set back a little brings nothing to life again',
      'command_expired',
      {},
      { lastSignedAtMs: NOW + 299_000 + 2_000, nowMs: NOW + 2_000 },
    ],
  ])('T22 %s: %s', (_name, code, making, change) => expect(codeOf(making, change)).toBe(code))
})

describe('T22 what is asked', () => {
  const act = (authorisation: Partial<Authorisation>): Making => ({ authorisation })
  const artefact = { sha256: 'a'.repeat(64), size: 1, releaseCounter: 1 }
  const task = [{ tid: 5, name: 'x' }]
  test.each<Row>([
    ['load without a module', 'incomplete', act({ action: 'load' })],
    ['load', 'taken', act({ action: 'load', artefact })],
    ['without a kernel', 'incomplete', act({ kernel: null })],
    ['without a patch', 'incomplete', act({ patch: null })],
    ['force without tasks', 'incomplete', act({ action: 'force', target: 'patching' })],
    ['T26 force of a transition either way', 'incomplete', act({ action: 'force', blockingTasks: task })],
    ['T26 reverse of one either way', 'incomplete', act({ action: 'reverse' })],
    ['force', 'taken', act({ action: 'force', target: 'patching', blockingTasks: task })],
    ['update without a system', 'incomplete', act({ action: 'update' })],
    ['refresh of nothing', 'taken', act({ action: 'refresh', patch: null, kernel: null })],
    [
      'reversal that was not approved',
      'reversal_not_approved',
      { ...act({ action: 'load', artefact }), command: { part: 'reversal' } },
    ],
    [
      'reversal that was',
      'taken',
      { ...act({ action: 'load', artefact, reversal: true }), command: { part: 'reversal' } },
    ],
    [
      'reversal of what puts nothing in',
      'reversal_not_approved',
      { ...act({ reversal: true }), command: { part: 'reversal' } },
    ],
  ])('%s: %s', (_name, code, making, change) => expect(codeOf(making, change)).toBe(code))

  test.each([
    ['-x'],
    ['--force'],
    ['../etc'],
    ['a/b'],
    ['.'],
    ['$(reboot)'],
    ['`id`'],
    ['a;b'],
    ['a b'],
    ['a\nb'],
    ['a\0b'],
    ['é'],
    ['a-b'],
    [''],
    ['x'.repeat(56)],
  ])('T29 a name that no module has is refused: %j', (patch) => {
    expect(codeOf({ authorisation: { patch } })).toBe('incomplete')
  })

  test('T29 4 kB of name do not pass the contract', () => {
    expect(codeOf({ authorisation: { patch: 'x'.repeat(4096) } })).toBe('malformed')
  })
})

describe('T22 what the host itself says', () => {
  const stopped = { stopped: true }
  const hours = { days: ['mon'], from: '22:00', to: '23:00', zone: 'Europe/Berlin' }
  const observed: HostPolicy = { hostClass: 'observe', reason: 'there is no file', config: null }
  test.each<Row>([
    ['T27 observe', 'class_observe', {}, { policy: observed }],
    ['T28 stopped', 'stopped', {}, stopped],
    ['T28 frozen', 'frozen', {}, { frozen: true }],
    [
      'T28 frozen stops a refresh too',
      'frozen',
      { authorisation: { action: 'refresh', patch: null, kernel: null } },
      { frozen: true },
    ],
    ['an action that is not on its list', 'action_barred', {}, { policy: lab({ actions: ['load'] }) }],
    ['an action that is', 'taken', {}, { policy: lab({ actions: ['disable'] }) }],
    ['at another hour', 'hours', {}, { policy: lab({ hours }) }],
    [
      'never force',
      'never_force',
      { authorisation: { action: 'force', target: 'patching', blockingTasks: [{ tid: 5, name: 'x' }] } },
      { policy: lab({ neverForce: true }) },
    ],
    ['T26 after a force', 'forced_boot', {}, { forced: true }],
    ['a recording', 'recording', {}, { recorded: true }],
  ])('%s: %s', (_name, code, making, change) => expect(codeOf(making, change)).toBe(code))
})

describe('T25 approvals in production', () => {
  const load = { action: 'load', artefact: { sha256: 'a'.repeat(64), size: 1, releaseCounter: 1 } } as const
  const policy = production()
  const two = { policy: production({ threshold: 2 }) }
  const none = { policy: production({ threshold: 3 }) }
  const twice = (m: CommandMessage): CommandMessage => ({
    ...m,
    authorisation: { ...m.authorisation, signatures: [...m.authorisation.signatures, ...m.authorisation.signatures] },
  })
  const forged = (m: CommandMessage): CommandMessage => ({
    ...m,
    authorisation: {
      ...m.authorisation,
      signatures: [
        { ...signatureBy(eve, PAYLOAD_TYPES.authorisation, m.authorisation.payload), publicKey: ada.publicKey },
      ],
    },
  })
  const asCommand = (m: CommandMessage): CommandMessage => ({
    ...m,
    authorisation: {
      ...m.authorisation,
      signatures: [signatureBy(ada, PAYLOAD_TYPES.command, m.authorisation.payload)],
    },
  })
  test.each<Row>([
    ['by nobody', 'approvals_missing', { authorisation: load }, { policy }],
    ['by the server alone', 'approver_unknown', { authorisation: load, approvers: [server] }, { policy }],
    ['by somebody else', 'approver_unknown', { authorisation: load, approvers: [eve] }, { policy }],
    ['by one', 'taken', { authorisation: load, approvers: [ada] }, { policy }],
    ['by one of two', 'approvals_missing', { authorisation: load, approvers: [ada] }, two],
    ['T23 by one twice', 'approver_twice', { authorisation: load, approvers: [ada], message: twice }, two],
    ['by two', 'taken', { authorisation: load, approvers: [ada, bob] }, two],
    ['by one of this host, and one of others', 'approver_unknown', { authorisation: load, approvers: [ada, eve] }, two],
    ['by two of this host, and one of others', 'taken', { authorisation: load, approvers: [ada, eve, bob] }, two],
    ['by fewer than there could ever be', 'approvals_missing', { authorisation: load, approvers: [ada, bob] }, none],
    ['T23 forged', 'approver_signature', { authorisation: load, message: forged }, { policy }],
    ['T23 of another type', 'approver_signature', { authorisation: load, message: asCommand }, { policy }],
    ['disable by one', 'approvals_missing', { approvers: [ada] }, { policy }],
    ['disable by two', 'taken', { approvers: [ada, bob] }, { policy }],
    ['reverse by one', 'approvals_missing', { authorisation: { action: 'reverse' }, approvers: [ada] }, { policy }],
    [
      'force by one',
      'approvals_missing',
      {
        authorisation: { action: 'force', target: 'patching', blockingTasks: [{ tid: 5, name: 'x' }] },
        approvers: [ada],
      },
      { policy },
    ],
    [
      'downgrade by one',
      'approvals_missing',
      { authorisation: { ...load, downgrade: true }, approvers: [ada] },
      { policy },
    ],
    [
      'the reversal of an approved load',
      'taken',
      { authorisation: { ...load, reversal: true }, approvers: [ada], command: { part: 'reversal' } },
      { policy },
    ],
  ])('T25 %s: %s', (_name, code, making, change) => expect(codeOf(making, change)).toBe(code))
})

test('each code has its words', () => {
  expect(Object.values(COMMAND_REFUSALS).every((text) => text.endsWith('.'))).toBe(true)
})

test('T23 a refusal of what bears no signature still names the command, and uses no number up', () => {
  const verdict = verifyCommand(make(), facts({ commandKey: eve.publicKey }))
  expect(verdict).toMatchObject({ ok: false, command: null, named: expect.stringMatching(/^[0-9a-f-]{36}$/) })
})
