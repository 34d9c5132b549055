import { createHash } from 'node:crypto'
import type { CommandMessage } from '@rebootless/shared/contract/agent-message.ts'
import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'
import { CLOCK_SKEW_MS_MAX } from '@rebootless/shared/domain/agent-link.ts'
import { follow } from '../acts/follow.ts'
import { perform } from '../acts/perform.ts'
import type { ActPorts, Outcome } from '../acts/ports.ts'
import { recover } from '../acts/recover.ts'
import type { HostPolicy } from '../config/host-policy.ts'
import { type JournalFile, openJournal } from '../journal/journal.ts'
import type { End, JournalCommand } from '../journal/journal-state.ts'
import type { ResultFacts } from '../link/outbox.ts'
import { createActJournal } from './act-journal.ts'
import type { CommandTaker } from './command-taker.ts'
import { createFreezeKeeper } from './freeze-keeper.ts'
import { type Refused, refused } from './signatures.ts'
import { type Plan, type VerificationFacts, verifyCommand } from './verify-command.ts'

/** Waiting for their turn; a server gone wild is told so. */
const QUEUE_MAX = 32

/** What is known of the kernel when a command comes. */
export interface KernelNow {
  readonly release: string | null
  readonly buildId: string | null
  readonly bootId: string | null
  /** Whether a transition of this patch, or of any, was forced in this boot by the kernel's own log; null: not known. */
  wasForced(patch?: string): boolean | null
}

export interface CommandDeskOptions {
  readonly ports: Omit<ActPorts, 'signal'>
  readonly journalFile: JournalFile
  readonly identity: () => Promise<Pick<VerificationFacts, 'hostId' | 'hostKey' | 'commandKey'>>
  readonly policy: () => Promise<HostPolicy>
  readonly isStopped: () => Promise<boolean>
  readonly kernel: () => Promise<KernelNow>
  readonly recorded: boolean
  /** This host's clock minus the server's, milliseconds; null: never measured. */
  readonly skewMs: () => number | null
  /** To be kept until acknowledged; a later one of the same command takes its place. */
  readonly report: (result: ResultFacts) => void
  readonly warn: (text: string) => void
  readonly signal: AbortSignal
}

export interface CommandDesk extends CommandTaker {
  /** All that was begun has come to a point where it can be left. */
  idle(): Promise<void>
}

/**
 * Takes commands, one after the other: verifies, writes down, acts, reports. At its start it looks at what an earlier run
 * left open, and says again what the server may not have heard.
 */
export const createCommandDesk = async (options: CommandDeskOptions): Promise<CommandDesk> => {
  const { ports, report, signal } = options
  const { clock } = ports
  const actPorts: ActPorts = { ...ports, signal }
  const journal = await openJournal(options.journalFile)
  const freezes = createFreezeKeeper({
    ...{ journal, warn: options.warn, nowMs: () => clock.now() },
    commandKey: async () => (await options.identity()).commandKey,
  })
  const instant = () => new Date(clock.now()).toISOString()
  const following = new Set<Promise<void>>()
  /** Of commands that run: what was last said of how they get on. */
  const progress = new Map<string, string>()
  let waitingCount = 0
  let turn: Promise<void> = Promise.resolve()

  const find = (id: string): JournalCommand | undefined => journal.state.commands.find((one) => one.id === id)

  /** Says it now, whether or not it could be written down. */
  const end = async (id: string, outcome: Exclude<Outcome, { state: 'waiting' }>): Promise<void> => {
    const ended: End = {
      state: outcome.state,
      code: outcome.code,
      detail: outcome.detail.slice(0, 1000),
      at: instant(),
    }
    try {
      await journal.write({ kind: 'ended', id, end: ended })
    } catch (error) {
      options.warn(`the end of command ${id} could not be written: ${error instanceof Error ? error.message : error}`)
    }
    progress.delete(id)
    report({ commandId: id, ...ended })
  }

  const settle = async (id: string, outcome: Outcome): Promise<void> => {
    if (outcome.state !== 'waiting') return end(id, outcome)
    const { aim } = outcome
    const stalled = (sample: TransitionSample) => {
      const detail = stalledText(sample)
      progress.set(id, detail)
      report({ commandId: id, state: 'started', code: null, detail, at: instant() })
    }
    const followed = follow(aim, actPorts, stalled)
      .then((last) => (last === null || last.state === 'waiting' ? undefined : end(id, last)))
      .catch((error: unknown) => options.warn(`command ${id} is no longer followed: ${String(error)}`))
    following.add(followed)
    void followed.finally(() => following.delete(followed))
  }

  const facts = async () => {
    const [identity, policy, stopped, kernel] = await Promise.all([
      options.identity(),
      options.policy(),
      options.isStopped(),
      options.kernel(),
    ])
    const { state } = journal
    const forcedByUs = state.forced !== null && (state.forced.bootId === null || state.forced.bootId === kernel.bootId)
    return {
      ...{ policy, stopped, kernel, recorded: options.recorded, skewMs: options.skewMs(), nowMs: clock.now() },
      ...identity,
      ...{ last: state.last, frozen: freezes.isFrozen() },
      lastSignedAtMs: state.lastSignedAt === null ? null : Date.parse(state.lastSignedAt),
      forced: forcedByUs || kernel.wasForced() === true,
    }
  }

  const take = async (message: CommandMessage): Promise<void> => {
    const digest = createHash('sha256').update(message.command.payload).digest('hex')
    const had = journal.state.commands.find((one) => one.digest === digest)
    if (had !== undefined) return sayAgain(had)
    await freezes.settled()
    const now = await facts()
    const verdict = verifyCommand(message, now)
    if (journal.damage !== null)
      return refuse(verdict.ok ? verdict.plan.command.id : verdict.named, refused('journal', journal.damage))
    if (!verdict.ok && verdict.command === null) return refuse(verdict.named, verdict)
    const command = verdict.ok ? verdict.plan.command : verdict.command
    if (command === null) return
    if (find(command.id) !== undefined)
      return refuse(command.id, refused('sequence_old', 'Another command had this name.'))
    const base = {
      ...{ id: command.id, digest, artefact: null, bootId: now.kernel.bootId, takenAt: instant() },
      ...{ effects: [], end: null, acknowledged: false },
    }
    const taken: JournalCommand = verdict.ok
      ? {
          ...base,
          action: verdict.plan.action,
          reversal: verdict.plan.reversal,
          patch: verdict.plan.authorisation.patch,
        }
      : {
          ...{ ...base, action: 'refresh', reversal: false, patch: null },
          end: { state: 'refused', code: verdict.code, detail: verdict.detail.slice(0, 1000), at: instant() },
        }
    const { epoch, sequence } = command
    // A time ahead of our own clock by more than is allowed is refused, and must not stop the host for good.
    const isAhead = Date.parse(command.issuedAt) - now.nowMs > CLOCK_SKEW_MS_MAX
    const signedAt = isAhead ? instant() : command.issuedAt
    try {
      // On the disk before anything is done, so that nothing can make it done again (T19).
      await journal.write({ kind: 'taken', epoch, sequence, signedAt, command: taken })
    } catch (error) {
      return refuse(
        command.id,
        refused('journal', `It could not be written: ${error instanceof Error ? error.message : error}`),
      )
    }
    if (taken.end !== null) return report({ commandId: command.id, ...taken.end })
    report({ commandId: command.id, ...TAKEN, at: taken.takenAt })
    if (verdict.ok) await act(verdict.plan)
  }

  const act = async (plan: Plan): Promise<void> => {
    const { id } = plan.command
    let outcome: Outcome
    try {
      outcome = await perform(plan, actPorts, createActJournal({ ...options, ...freezes, journal, id, instant }))
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error)
      const began = (find(id)?.effects.length ?? 0) > 0
      outcome = began
        ? { state: 'unknown', code: 'internal', detail: `It broke off in the middle: ${detail}`.slice(0, 900) }
        : { state: 'failed', code: 'internal', detail: `Nothing was changed: ${detail}`.slice(0, 900) }
    }
    // Ended by the agent's own end: the next run looks at the kernel.
    if (signal.aborted && outcome.state !== 'done') return
    await settle(id, outcome)
  }

  const sayAgain = (command: JournalCommand): void => {
    const { id: commandId, takenAt, end: ended } = command
    const underWay = { ...TAKEN, detail: progress.get(commandId) ?? TAKEN.detail, at: takenAt }
    report({ commandId, ...(ended ?? underWay) })
  }

  const refuse = (named: string | null, { code, detail }: Refused): void => {
    options.warn(`a command was refused (${code}): ${detail}`)
    if (named === null) return
    report({ commandId: named, state: 'refused', code, detail: detail.slice(0, 1000), at: instant() })
  }

  const inTurn = (work: () => Promise<void> | void): void => {
    waitingCount += 1
    turn = turn
      .then(() => (signal.aborted ? undefined : work()))
      .catch((error: unknown) => options.warn(String(error)))
      .finally(() => {
        waitingCount -= 1
      })
  }

  const recoverAll = async (): Promise<void> => {
    if (journal.damage !== null) return options.warn(`no command is taken: ${journal.damage}`)
    const open = journal.state.commands.filter((one) => one.end === null)
    const kernel = open.length === 0 ? null : await options.kernel()
    for (const command of journal.state.commands) if (command.end !== null && !command.acknowledged) sayAgain(command)
    for (const command of open) {
      if (kernel === null) break
      const { bootId, wasForced } = kernel
      await settle(command.id, await recover(command, { ...ports, signal, bootId, wasForced }))
    }
  }
  inTurn(recoverAll)

  return {
    command(message) {
      if (waitingCount < QUEUE_MAX) inTurn(() => take(message))
      else options.warn('too many commands are waiting: one was passed over')
    },
    // Not in turn: an act that is under way must see it before its next step.
    freeze: freezes.take,
    acknowledged({ commandId, state }) {
      const command = find(commandId)
      if (state === 'started' || command === undefined || command.end === null || command.acknowledged) return
      journal.write({ kind: 'acknowledged', id: commandId }).catch((error: unknown) => options.warn(String(error)))
    },
    async idle() {
      await turn
      await Promise.all(following)
    },
  }
}

const TAKEN = { state: 'started', code: null, detail: 'The host has taken it.' } as const

const stalledText = ({ patch, blockingTotal, blocking }: TransitionSample): string => {
  const names = blocking.slice(0, 5).map(({ comm, tid }) => `${comm} (${tid})`)
  return `${patch} is stalled: ${blockingTotal} ${blockingTotal === 1 ? 'task blocks' : 'tasks block'} its transition: ${names.join(', ')}`
}
