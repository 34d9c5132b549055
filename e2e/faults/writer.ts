import { setTimeout as sleep } from 'node:timers/promises'
import { openBenchDatabase } from '@rebootless/server/bench/bench-database.ts'
import type { ProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { AlertList } from '@rebootless/shared/contract/alerts.ts'
import { AuthorisationDetail } from '@rebootless/shared/contract/commands-api.ts'
import { until } from './fault.ts'

export interface Writer {
  /** What was answered as done. */
  acknowledged(): { readonly authorisations: number; readonly notes: number }
  /** How often an answer did not come, or was a refusal. */
  refused(): number
  /** In which words, and how often each. */
  refusals(): ReadonlyMap<string, number>
  /** Acknowledged and not in the database. */
  lost(): Promise<string[]>
  /** Resolves when so many more writes of each kind were acknowledged. */
  more(count: number): Promise<void>
  /** Commands of what was acknowledged that have not ended. */
  openCommands(): Promise<number>
  /** Ends the writing, once what is under way is answered. */
  stop(): Promise<void>
}

const EVERY_MS = 60

/** An alert to write notes on: this server is behind, by a rule that calls any server so. */
const alertOf = async (program: ProgramUnderTest): Promise<string> => {
  await program.ask('PATCH', '/api/v1/alert-rules/backend-lag', { threshold: 0, forSeconds: 0 })
  for (const deadline = Date.now() + 120_000; Date.now() < deadline; await sleep(200)) {
    const { items } = AlertList.parse(await (await program.ask('GET', '/api/v1/alerts?rule=backend-lag')).json())
    if (items[0] !== undefined) return items[0].id
  }
  throw new Error('no alert fires')
}

/** A person who asks hosts to do something, and writes notes on an alert, all the time; remembers what was acknowledged. */
export const startWriter = async (program: ProgramUnderTest, hosts: readonly string[]): Promise<Writer> => {
  const alert = await alertOf(program)
  const [authorisations, notes]: [string[], string[]] = [[], []]
  const refusals = new Map<string, number>()
  let stopped = false
  let at = 0
  const authorise = async (): Promise<void> => {
    at += 1
    const body = { action: 'refresh', reason: `fault ${at}`, hosts: [{ id: hosts[at % hosts.length] }] }
    const answer = await program.ask('POST', '/api/v1/authorisations', body)
    authorisations.push(AuthorisationDetail.parse(await answer.json()).id)
  }
  const note = async (): Promise<void> => {
    at += 1
    const done = `note ${at}`
    const answer = await program.ask('POST', `/api/v1/alerts/${alert}/note`, { done })
    await answer.text()
    notes.push(done)
  }
  const loop = async (act: () => Promise<void>): Promise<void> => {
    while (!stopped) {
      await act().catch((error: Error) => {
        refusals.set(error.message, (refusals.get(error.message) ?? 0) + 1)
      })
      await sleep(EVERY_MS)
    }
  }
  const loops = [loop(authorise), loop(note)]
  return {
    acknowledged: () => ({ authorisations: authorisations.length, notes: notes.length }),
    refused: () => [...refusals.values()].reduce((sum, count) => sum + count, 0),
    refusals: () => refusals,
    async lost() {
      const { kysely, close } = await openBenchDatabase(program)
      try {
        const ids = (await kysely.selectFrom('authorisations').select('id').execute()).map(({ id }) => id)
        const commands = await kysely.selectFrom('commands').select('authorisation_id').execute()
        const texts = await kysely.selectFrom('alert_timeline').select('text').where('kind', '=', 'note').execute()
        const stored = new Set<string | null>([...ids, ...texts.map(({ text }) => text)])
        const commanded = new Set(commands.map((row) => row.authorisation_id))
        return [
          ...[...authorisations, ...notes].filter((one) => !stored.has(one)),
          ...authorisations.filter((id) => !commanded.has(id)).map((id) => `the command of ${id}`),
        ]
      } finally {
        await close()
      }
    },
    async more(count) {
      const [authorisationsThen, notesThen] = [authorisations.length + count, notes.length + count]
      const isSo = async () => authorisations.length >= authorisationsThen && notes.length >= notesThen
      await until('writes are acknowledged', isSo, { everyMs: 20 })
    },
    async openCommands() {
      const { kysely, close } = await openBenchDatabase(program)
      try {
        const query = kysely.selectFrom('commands').select('authorisation_id').where('state', 'in', ['waiting', 'sent'])
        const open = new Set((await query.execute()).map((row) => row.authorisation_id))
        return authorisations.filter((id) => open.has(id)).length
      } finally {
        await close()
      }
    },
    async stop() {
      stopped = true
      await Promise.all(loops)
    },
  }
}
