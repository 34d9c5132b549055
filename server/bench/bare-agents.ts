/**
 * A process of benches and faults: an agent's link with its own session, outbox and back-off for each host of a file, and no kernel
 * behind it. From the word `begin` of its parent on the first so many are in a transition, which their tasks hold up, and after it in another;
 * they say so as agents do (agent/watch/emitter.ts). Answers `tally` with a Tally, `dials` with a LinkDials for each.
 */
import { readFile } from 'node:fs/promises'
import { Command } from '@rebootless/shared/contract/command.ts'
import { createSystemClock } from '../agent/kernel/system-clock.ts'
import { createAgentLink } from '../agent/link/agent-link.ts'
import type { AgentIdentity } from '../agent/link/identity.ts'
import { createOutbox } from '../agent/link/outbox.ts'
import type { ObserverListener } from '../agent/observer.ts'
import { createEmitter } from '../agent/watch/emitter.ts'
import { bareHello } from './bare-hosts.ts'
import { bareSnapshot } from './bare-snapshot.ts'
import { bareSample, bareSnapshotInTransition } from './bare-transition.ts'

export interface Tally {
  /** Links that were welcomed, and not ended since. */
  readonly linked: number
  readonly attempts: number
  /** By reason. */
  readonly refused: Readonly<Record<string, number>>
  readonly commands: number
  /** Of them those that came more than once. */
  readonly again: number
  readonly residentBytes: number
}

/** Of one link, in the order of the file. Moments are milliseconds since the epoch. */
export interface LinkDials {
  readonly hostId: string
  readonly dialledAt: readonly number[]
  /** When it was welcomed the last time; null: never. */
  readonly welcomedAt: number | null
  /** Dials that came before the wait that its back-off had drawn was over. */
  readonly early: number
}

/** Timers count whole milliseconds. */
const EARLY_MS = 2
/** As an agent looks at the kernel while a transition runs. */
const LOOK_EVERY_MS = 1_000
/** One that its tasks hold up this long is released, and after a second another begins. */
const TRANSITION_SECONDS = 60

const [file = '', inTransition = '0', perSecond = '0'] = process.argv.slice(2)
const identities: AgentIdentity[] = JSON.parse(await readFile(file, 'utf8'))
const clock = createSystemClock()
const linked = new Set<string>()
const commands = new Map<string, number>()
const refused: Record<string, number> = {}
const dials: { hostId: string; dialledAt: number[]; welcomedAt: number | null; early: number }[] = []
let attempts = 0
const changing: ObserverListener[] = []
const nameOf = (index: number) => `bare-${index}`

/** Hosts do not speak in step. */
const beginTransitions = (listener: ObserverListener, index: number): void => {
  const emit = createEmitter(listener, clock)
  let startedAt = new Date()
  let second = 0
  const tell = () => {
    if (second === 0) {
      startedAt = new Date()
      emit.snapshot(bareSnapshotInTransition(nameOf(index)))
    }
    emit.sample(second < TRANSITION_SECONDS ? bareSample(second, startedAt) : null)
    if (second === TRANSITION_SECONDS) emit.snapshot(bareSnapshot(nameOf(index)))
    second = second < TRANSITION_SECONDS ? second + 1 : 0
  }
  setTimeout(() => setInterval(tell, LOOK_EVERY_MS), (index * 60.7) % (TRANSITION_SECONDS * 1_000))
}

const follow = (identity: AgentIdentity, index: number): void => {
  const name = nameOf(index)
  const own: (typeof dials)[number] = { hostId: identity.hostId, dialledAt: [], welcomedAt: null, early: 0 }
  dials.push(own)
  /** By the monotonic clock; none was drawn yet: at any time. */
  let notBefore = Number.NEGATIVE_INFINITY
  const link = createAgentLink({
    ...{ identity: async () => identity, clock, random: Math.random },
    outbox: createOutbox(1, clock.now),
    hello: async () => bareHello(name),
    onAuditHead: () => undefined,
    onAuthorities: () => undefined,
    onEvent(event) {
      if (event.kind === 'connecting') {
        attempts += 1
        own.dialledAt.push(Date.now())
        if (performance.now() < notBefore - EARLY_MS) own.early += 1
        // Another dial without a wait between is early too.
        notBefore = Number.POSITIVE_INFINITY
      }
      if (event.kind === 'connected') {
        linked.add(identity.hostId)
        own.welcomedAt = Date.now()
      }
      if (event.kind !== 'waiting') return
      notBefore = performance.now() + event.waitMs
      linked.delete(identity.hostId)
      const why = event.refusal ?? event.reason.replace(/\d{4,}/g, 'N')
      refused[why] = (refused[why] ?? 0) + 1
    },
    commands: {
      command({ command }) {
        const { id } = Command.parse(JSON.parse(command.payload))
        commands.set(id, (commands.get(id) ?? 0) + 1)
        const at = new Date().toISOString()
        link.result({ commandId: id, state: 'done', code: null, detail: 'done by the bench', at })
      },
      freeze: () => undefined,
      acknowledged: () => undefined,
    },
  })
  link.listener.snapshot(bareSnapshot(name), 'b'.repeat(64))
  void link.run(new AbortController().signal)
  if (index < Number(inTransition)) changing.push(link.listener)
}

/** 0: all at once, as after a server was away. */
const beginning = Number(perSecond) || identities.length
for (let begun = 0; begun < identities.length; begun += beginning) {
  const next = identities.slice(begun, begun + beginning)
  setTimeout(
    () => {
      for (const [index, identity] of next.entries()) follow(identity, begun + index)
    },
    (begun / beginning) * 1_000,
  )
}

process.on('message', (asked) => {
  if (asked === 'begin') {
    changing.forEach(beginTransitions)
    return
  }
  if (asked === 'dials') {
    process.send?.(dials satisfies LinkDials[])
    return
  }
  const again = [...commands.values()].filter((times) => times > 1).length
  const { rss: residentBytes } = process.memoryUsage()
  const tally: Tally = { linked: linked.size, attempts, refused, commands: commands.size, again, residentBytes }
  process.send?.(tally)
})
process.once('disconnect', () => process.exit(0))
