/**
 * A process of the bench: an agent's link with its own session, outbox and back-off for each host of a file, and no kernel behind it.
 * The first so many are in a transition, and say each second how far it is. Answers each message of its parent with a Tally.
 */
import { readFile } from 'node:fs/promises'
import { Command } from '@rebootless/shared/contract/command.ts'
import { createSystemClock } from '../agent/kernel/system-clock.ts'
import { createAgentLink } from '../agent/link/agent-link.ts'
import type { AgentIdentity } from '../agent/link/identity.ts'
import { createOutbox } from '../agent/link/outbox.ts'
import type { ObserverListener } from '../agent/observer.ts'
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

const [file = '', inTransition = '0'] = process.argv.slice(2)
const SAMPLE_EVERY_MS = 1_000
const identities: AgentIdentity[] = JSON.parse(await readFile(file, 'utf8'))
const clock = createSystemClock()
const linked = new Set<string>()
const commands = new Map<string, number>()
const refused: Record<string, number> = {}
let attempts = 0

/** Hosts do not speak in step. */
const tellTransition = ({ transition }: ObserverListener, index: number): void => {
  const startedAt = new Date()
  let second = 0
  const tell = () => transition(bareSample(second++, startedAt))
  setTimeout(() => setInterval(tell, SAMPLE_EVERY_MS), (index * 7.3) % SAMPLE_EVERY_MS)
}

const follow = (identity: AgentIdentity, index: number): void => {
  const name = `bare-${index}`
  const link = createAgentLink({
    ...{ identity: async () => identity, clock, random: Math.random },
    outbox: createOutbox(1, clock.now),
    hello: async () => bareHello(name),
    onAuditHead: () => undefined,
    onAuthorities: () => undefined,
    onEvent(event) {
      if (event.kind === 'connecting') attempts += 1
      if (event.kind === 'connected') linked.add(identity.hostId)
      if (event.kind !== 'waiting') return
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
  const changes = index < Number(inTransition)
  link.listener.snapshot(changes ? bareSnapshotInTransition(name) : bareSnapshot(name), 'b'.repeat(64))
  void link.run(new AbortController().signal)
  if (changes) tellTransition(link.listener, index)
}

identities.forEach(follow)

process.on('message', () => {
  const again = [...commands.values()].filter((times) => times > 1).length
  const { rss: residentBytes } = process.memoryUsage()
  const tally: Tally = { linked: linked.size, attempts, refused, commands: commands.size, again, residentBytes }
  process.send?.(tally)
})
process.once('disconnect', () => process.exit(0))
