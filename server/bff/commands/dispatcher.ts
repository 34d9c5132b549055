import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { CommandResult } from '@rebootless/shared/contract/agent-message.ts'
import { type Kysely, sql } from 'kysely'
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import type { Notifications } from '../database/notifications.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { CommandKey } from '../link/command-key.ts'
import type { CommandLink, CommandLinks } from '../link/ports.ts'
import { oneAtATime } from '../one-at-a-time.ts'
import type { ArtefactFiles } from '../patches/artefact-files.ts'
import { isArtefactOf } from '../patches/modules.ts'
import { periodically } from '../periodic.ts'
import type { OfferedAgent } from './agent-release-file.ts'
import { isReleaseOf } from './agent-waves.ts'
import { storeResult } from './command-results.ts'
import { closeEndedAuthorisations } from './end-authorisation.ts'
import { readFreezeMessage } from './freeze.ts'
import { issueCommand } from './issue-command.ts'
import { COMMANDS_CHANNEL } from './notify.ts'

/** A notification may be lost without its connection breaking; and waves begin by the clock alone. */
const SWEEP_MS = 2_000
/** A link that is slow is not told twice meanwhile. */
const SEND_AGAIN_MS = 10_000
const HOSTS_AT_ONCE = 4

export interface Dispatcher extends CommandLinks {
  /** Begins to hear what other backends do. */
  start(notifications: Notifications): Promise<void>
  /** Looks for what is due over the links of this backend, and sends it. Never rejects. */
  look(): Promise<void>
  close(): Promise<void>
}

interface OpenLink extends CommandLink {
  readonly hostKey: string
  /** Greatest freeze that it was told of. */
  freezeTold: string | undefined
  readonly sentAt: Map<string, number>
}

/**
 * Sends commands and freezes over the links that this backend holds. All that has to outlive it is in the database; any
 * backend may be killed between any two steps, and whichever holds the host's next link goes on (threat-model T19, T28).
 */
export const createDispatcher = (options: {
  database: Kysely<DatabaseSchema>
  clock: Clock
  key: CommandKey
  files: Pick<ArtefactFiles, 'read'>
  log: Pick<Logger, 'warn'>
  /** The agent that hosts may be told to take. */
  offered?: OfferedAgent | undefined
  /** Told of each command that has ended. */
  trace?: ((commandId: string) => void) | undefined
}): Dispatcher => {
  const { database, clock, key, files, log, offered } = options
  const links = new Map<string, OpenLink>()
  const endings: (() => unknown)[] = []

  const tellFreeze = async (among: readonly OpenLink[]): Promise<void> => {
    const freeze = await readFreezeMessage(database, key)
    if (freeze === undefined) return
    for (const link of among) {
      if (link.freezeTold === freeze.order) continue
      link.send(freeze.message)
      link.freezeTold = freeze.order
    }
  }

  const serve = async (link: OpenLink): Promise<void> => {
    const toSend = await issueCommand(database, link.hostId, link.hostKey, { key, now: clock.now() })
    if (toSend === undefined || links.get(link.hostId) !== link) return
    const { commandId, message } = toSend
    const now = clock.now()
    if (now.getTime() - (link.sentAt.get(commandId) ?? Number.NEGATIVE_INFINITY) < SEND_AGAIN_MS) return
    // The freeze may have been lifted since this look began: a host that has not heard of it would refuse.
    await tellFreeze([link])
    link.sentAt.set(commandId, now.getTime())
    link.send(message)
    // For pages only: what decides whether it is said again is the host's answer.
    await database.updateTable('commands').set({ sent_at: now }).where('id', '=', commandId).execute()
  }

  const lookOnce = async (): Promise<void> => {
    if (links.size === 0) return
    await tellFreeze([...links.values()])
    const due = await dueHosts(database, clock.now())
    const mine = due.flatMap((hostId) => links.get(hostId) ?? [])
    let next = 0
    const work = async () => {
      for (let link = mine[next++]; link !== undefined; link = mine[next++]) {
        const { hostId } = link
        await serve(link).catch((error: unknown) => log.warn({ hostId, err: error }, 'a command could not be sent now'))
      }
    }
    await Promise.all(Array.from({ length: HOSTS_AT_ONCE }, work))
  }

  const looking = oneAtATime(() =>
    lookOnce().catch((error: unknown) => log.warn({ err: error }, 'commands could not be looked for')),
  )
  const look = looking.run

  return {
    async start(notifications) {
      const heard = { notified: () => void look(), mayHaveMissed: () => void look() }
      endings.push(
        await notifications.subscribe(COMMANDS_CHANNEL, heard),
        periodically(SWEEP_MS, 'look for commands', log, look),
        periodically(SWEEP_MS, 'end what is over', log, () => closeEndedAuthorisations(database, clock.now())),
      )
    },
    look,
    linkOpened(link) {
      const hostKey = createHash('sha256').update(link.publicKey).digest('hex')
      links.set(link.hostId, { ...link, hostKey, freezeTold: undefined, sentAt: new Map() })
      void look()
    },
    linkClosed(hostId, linkId) {
      if (links.get(hostId)?.linkId === linkId) links.delete(hostId)
    },
    async accept(hostId: string, result: CommandResult, receivedAt: Date) {
      const news = await storeResult(database, hostId, result, receivedAt)
      if (!news) return
      links.get(hostId)?.sentAt.delete(result.commandId)
      if (result.state !== 'started') options.trace?.(result.commandId)
    },
    async artefact(hostId, sha256) {
      if (sha256 === offered?.sha256) {
        if (!(await isReleaseOf(database, hostId, sha256))) return undefined
        return { size: offered.content.length, stream: Readable.from([offered.content]) }
      }
      return (await isArtefactOf(database, hostId, sha256)) ? files.read(sha256) : undefined
    },
    async close() {
      for (const end of endings.splice(0)) await end()
      await looking.end()
    },
  }
}

/** Hosts for which something may be due: made and not acknowledged, or waiting with nothing but the host in its way. */
const dueHosts = async (database: Kysely<DatabaseSchema>, now: Date): Promise<string[]> => {
  const { rows } = await sql<{ host_id: string }>`
    select distinct commands.host_id
    from commands join authorisations on authorisations.id = commands.authorisation_id
    where (commands.state = 'sent' and commands.started_at is null) or (
      commands.state = 'waiting' and commands.not_before <= ${now} and authorisations.expires_at > ${now}
      and authorisations.approvals_needed <= (
        select count(*) from authorisation_signatures as signed where signed.authorisation_id = authorisations.id
      )
    )`.execute(database)
  return rows.map((row) => row.host_id)
}
