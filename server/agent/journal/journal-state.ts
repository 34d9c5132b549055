import { CommandResult } from '@rebootless/shared/contract/agent-message.ts'
import { Epoch, hostText, Instant, KernelName, Sequence } from '@rebootless/shared/contract/primitives.ts'
import { Sha256 } from '@rebootless/shared/contract/signed.ts'
import { BlockingTaskFacts } from '@rebootless/shared/contract/transition.ts'
import { COMMAND_ACTIONS } from '@rebootless/shared/domain/words.ts'
import * as z from 'zod'

/** Ended commands that are remembered after the server has heard of them: it may still ask for one again. */
const HEARD_MAX = 64
/** Ends that the server never acknowledges must not fill the disk. */
const COMMANDS_MAX = 256
const LOADED_MAX = 64

/** What a kernel is to come to: the patch in effect (`in`), or its directory gone (`out`). */
export const Aim = z.strictObject({ patch: KernelName, want: z.enum(['in', 'out']) })
export type Aim = z.infer<typeof Aim>

/** What is about to be done to the kernel. Written before it is done, so there may be one more here than was done. */
export const Effect = z.strictObject({
  step: z.enum(['remove', 'insert', 'write_enabled', 'force', 'signal', 'tool', 'agent']),
  /** What this leads to; null: nothing that sysfs would show. */
  aim: Aim.nullable(),
  /** Of `signal`: who was stopped, and is to go on whatever happens. */
  tasks: z.array(z.int().min(1)).max(1000).default([]),
})
export type Effect = z.infer<typeof Effect>

const { state, code, detail } = CommandResult.shape
const End = z.strictObject({ state: state.exclude(['started']), code, detail, at: Instant })
export type End = z.infer<typeof End>

/** A module file, and the kernel release that it went into. */
const Loaded = z.strictObject({ sha256: Sha256, releaseCounter: z.int().min(0), release: hostText(128) })
export type Loaded = z.infer<typeof Loaded>

const JournalCommand = z.strictObject({
  id: z.uuid(),
  /** Of the command's exact text. */
  digest: Sha256,
  action: z.enum(COMMAND_ACTIONS),
  reversal: z.boolean(),
  patch: KernelName.nullable(),
  /** What `load`, `enable` and `retry` put in, once it is known. */
  artefact: Loaded.nullable(),
  bootId: hostText(64).nullable(),
  takenAt: Instant,
  effects: z.array(Effect).max(16),
  end: End.nullable(),
  acknowledged: z.boolean(),
})
export type JournalCommand = z.infer<typeof JournalCommand>

const order = { epoch: Epoch, sequence: Sequence }
const Forced = z.strictObject({
  bootId: hostText(64).nullable(),
  patch: KernelName,
  at: Instant,
  /** Who blocked, with stacks, when it was forced: what these tasks ran is the only account of what may go wrong. */
  blocking: z.array(BlockingTaskFacts).max(64),
})
export const JournalState = z.strictObject({
  kind: z.literal('state'),
  last: z.strictObject(order).nullable(),
  lastSignedAt: Instant.nullable(),
  freeze: z.strictObject({ ...order, frozen: z.boolean() }).nullable(),
  forced: Forced.nullable(),
  /** What this agent has put in, by the patch's name; the latest last. */
  loaded: z.array(z.strictObject({ patch: KernelName, ...Loaded.shape })),
  commands: z.array(JournalCommand),
})
export type JournalState = z.infer<typeof JournalState>

export const JournalRecord = z.discriminatedUnion('kind', [
  /** A command with the server's signature and a new number, which is used up by this; its end too where it is refused. */
  z.strictObject({
    kind: z.literal('taken'),
    ...order,
    signedAt: Instant,
    command: JournalCommand,
  }),
  z.strictObject({ kind: z.literal('effect'), id: z.uuid(), effect: Effect }),
  z.strictObject({ kind: z.literal('ended'), id: z.uuid(), end: End }),
  z.strictObject({ kind: z.literal('acknowledged'), id: z.uuid() }),
  z.strictObject({ kind: z.literal('freeze'), ...order, signedAt: Instant, frozen: z.boolean() }),
  /** Before the force; null: the kernel refused it after all. */
  z.strictObject({ kind: z.literal('forced'), forced: Forced.nullable() }),
  z.strictObject({ kind: z.literal('artefact'), id: z.uuid(), artefact: Loaded }),
])
export type JournalRecord = z.infer<typeof JournalRecord>

export const EMPTY_JOURNAL: JournalState = {
  ...{ kind: 'state', last: null, lastSignedAt: null, freeze: null, forced: null, loaded: [], commands: [] },
}

export const withRecord = (state: JournalState, record: JournalRecord): JournalState => {
  const changed = (id: string, change: (command: JournalCommand) => Partial<JournalCommand>): JournalState => ({
    ...state,
    commands: bounded(state.commands.map((one) => (one.id === id ? { ...one, ...change(one) } : one))),
  })
  switch (record.kind) {
    case 'taken': {
      const { epoch, sequence, signedAt, command } = record
      const commands = bounded([...state.commands.filter(({ id }) => id !== command.id), command])
      return { ...state, last: { epoch, sequence }, lastSignedAt: later(state.lastSignedAt, signedAt), commands }
    }
    case 'effect':
      return changed(record.id, ({ effects }) => ({ effects: [...effects, record.effect].slice(-16) }))
    case 'ended':
      return withLoaded(
        changed(record.id, () => ({ end: record.end })),
        record.id,
      )
    case 'acknowledged':
      return changed(record.id, () => ({ acknowledged: true }))
    case 'freeze': {
      const { epoch, sequence, frozen, signedAt } = record
      return { ...state, freeze: { epoch, sequence, frozen }, lastSignedAt: later(state.lastSignedAt, signedAt) }
    }
    case 'forced':
      return { ...state, forced: record.forced }
    case 'artefact':
      return changed(record.id, () => ({ artefact: record.artefact }))
  }
}

/** What is in effect by a command that is done, is what an older release is told by, and what `enable` puts in again. */
const withLoaded = (state: JournalState, id: string): JournalState => {
  const command = state.commands.find((one) => one.id === id)
  const { patch = null, artefact = null, end = null } = command ?? {}
  if (patch === null || artefact === null || end?.state !== 'done' || command?.reversal) return state
  const others = state.loaded.filter((one) => one.patch !== patch)
  return { ...state, loaded: [...others, { patch, ...artefact }].slice(-LOADED_MAX) }
}

/** Instants in the contract's form are in time's order as texts. */
const later = (one: string | null, other: string): string => (one !== null && one > other ? one : other)

/** Open commands stay in any case; of ended ones the oldest go first. */
const bounded = (commands: readonly JournalCommand[]): JournalCommand[] => {
  let heard = commands.filter(({ end, acknowledged }) => end !== null && acknowledged).length - HEARD_MAX
  let ended = commands.length - COMMANDS_MAX
  return commands.filter(({ end, acknowledged }) => {
    if (end === null) return true
    if (acknowledged && heard > 0) {
      heard -= 1
      ended -= 1
      return false
    }
    ended -= 1
    return ended < 0
  })
}
