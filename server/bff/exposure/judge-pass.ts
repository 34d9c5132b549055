import { createHash } from 'node:crypto'
import type { ExposureFacts, Verdict } from '@rebootless/shared/contract/exposure.ts'
import { SEVERITIES } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { judge, prepareClass } from '@rebootless/shared/domain/exposure/judge.ts'
import { isFixedByKernelAlone } from '@rebootless/shared/domain/exposure/kernel-alone.ts'
import { type PreparedKnowledge, prepareKnowledge } from '@rebootless/shared/domain/exposure/prepared-knowledge.ts'
import { type Kysely, sql } from 'kysely'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { tellOf } from '../events/append-event.ts'
import { loadKnowledge } from '../vulnerabilities/knowledge.ts'
import { type CveFacts, cveFactsOf, isOfKernel, writeCveFacts } from './cve-facts.ts'
import { type JudgedClass, writeVerdicts } from './write-verdicts.ts'

/** The letters of "Rbex": one backend judges at a time. Of a connection, so that it ends with whoever holds it. */
export const JUDGE_LOCK = 0x52_62_65_78

/** So many classes are judged and written at once: what a crash loses, and how long readers of one see the other as before. */
const CLASSES_AT_ONCE = 8

export interface JudgePass {
  /** `busy`: another backend is at it. `done`: no class is due any more. `stopped`: it was told to. */
  readonly result: 'busy' | 'done' | 'stopped'
  readonly classes: number
  /** Verdicts that were opened or closed. */
  readonly written: number
}

interface Known {
  readonly pass: string
  readonly knowledge: PreparedKnowledge
  readonly facts: ReadonlyMap<string, CveFacts>
}

export interface JudgeOptions {
  readonly clock: Clock
  /** Told after each few classes how many are left. */
  readonly onProgress?: (left: number) => void
  readonly stop?: AbortSignal
  /** Called between small pieces of work; it may hold them up. */
  readonly makeWay?: () => void
}

interface DueClass {
  readonly id: string
  readonly facts: ExposureFacts
}

/**
 * Classes that hosts are in and that this pass has not judged; those of most hosts first. A class that was left by all its
 * hosts is judged again when one comes back.
 */
const dueClasses = async (database: Kysely<DatabaseSchema>, pass: string): Promise<string[]> => {
  const { rows } = await sql<{ id: string }>`
    select exposure_classes.id from exposure_classes
    join (select class_id, count(*) as hosts from host_exposure where to_at is null group by class_id) as used
      on used.class_id = exposure_classes.id
    where judged_pass is distinct from ${pass}
    order by used.hosts desc, exposure_classes.id`.execute(database)
  return rows.map(({ id }) => id)
}

const readState = (database: Kysely<DatabaseSchema>) =>
  database.selectFrom('exposure_state').select(['pass', 'judged_pass']).executeTakeFirstOrThrow()

/**
 * Judges all classes that are due, by what feeds say, and writes what is another than before. Where it is ended, whatever
 * ended it, the classes that are left stay due, and the next one goes on with them. It keeps what feeds say, so that a class
 * that comes soon after costs little.
 */
export const createJudge = (database: Kysely<DatabaseSchema>, options: JudgeOptions) => {
  const { makeWay = () => undefined } = options
  let known: Known | undefined

  const load = async (connection: Kysely<DatabaseSchema>, pass: string): Promise<Known> => {
    if (known?.pass === pass) return known
    known = undefined
    const { cves, notices } = await loadKnowledge(connection)
    const ofKernel = cves.filter(isOfKernel)
    const facts = new Map(ofKernel.map((cve) => [cve.id, cveFactsOf(cve)]))
    await writeCveFacts(connection, [...facts.values()], options.clock.now())
    known = { pass, facts, knowledge: prepareKnowledge(ofKernel, notices) }
    return known
  }

  const judgeDue = async (connection: Kysely<DatabaseSchema>): Promise<JudgePass> => {
    const { pass, judged_pass } = await readState(connection)
    const due = await dueClasses(connection, pass)
    const isWhole = judged_pass !== pass
    if (due.length === 0 && !isWhole) return { result: 'done', classes: 0, written: 0 }
    const { knowledge, facts } = await load(connection, pass)
    let written = 0
    for (let index = 0; index < due.length; index += CLASSES_AT_ONCE) {
      if (options.stop?.aborted) return { result: 'stopped', classes: index, written }
      const classes = await readClasses(connection, due.slice(index, index + CLASSES_AT_ONCE))
      const judged = classes.map((one) => judgeClass(one, knowledge, facts, makeWay))
      written += await connection
        .transaction()
        .execute((transaction) => writeVerdicts(transaction, judged, pass, options.clock.now(), makeWay))
      options.onProgress?.(due.length - index - classes.length)
    }
    if (isWhole) await markJudged(connection, pass, options.clock.now())
    return { result: 'done', classes: due.length, written }
  }

  return {
    pass: (): Promise<JudgePass> =>
      database.connection().execute(async (connection) => {
        const { rows } = await sql<{ taken: boolean }>`select pg_try_advisory_lock(${JUDGE_LOCK}) as taken`.execute(
          connection,
        )
        if (rows[0]?.taken !== true) return { result: 'busy', classes: 0, written: 0 }
        try {
          const passed = await judgeDue(connection)
          if (passed.written > 0) {
            const at = options.clock.now()
            await connection.transaction().execute((transaction) => tellOf(transaction, 'exposure', at))
          }
          return passed
        } finally {
          await sql`select pg_advisory_unlock(${JUDGE_LOCK})`.execute(connection)
        }
      }),
  }
}

const readClasses = (database: Kysely<DatabaseSchema>, ids: readonly string[]): Promise<DueClass[]> =>
  database.selectFrom('exposure_classes').select(['id', 'facts']).where('id', 'in', ids).execute()

/** Another pass may have been asked for meanwhile; this one is over all the same. */
const markJudged = async (database: Kysely<DatabaseSchema>, pass: string, now: Date): Promise<void> => {
  await database.updateTable('exposure_state').set({ judged_pass: pass, judged_at: now }).execute()
}

const judgeClass = (
  { id, facts }: DueClass,
  knowledge: PreparedKnowledge,
  cves: ReadonlyMap<string, CveFacts>,
  makeWay: () => void,
): JudgedClass => {
  const prepared = prepareClass(facts, knowledge)
  const verdicts = new Map<string, Verdict>()
  const hash = createHash('sha256')
  const exposed: CveFacts[] = []
  const onDisk: string[] = []
  const byKernel: string[] = []
  for (const cve of knowledge.cves.keys()) {
    makeWay()
    const verdict = judge(prepared, cve)
    verdicts.set(cve, verdict)
    const of = cves.get(cve)
    hash.update(`${cve} ${JSON.stringify(verdict)} ${of?.severity} ${of?.known_exploited_on !== null}\n`)
    if (verdict.status === 'exposed' && of !== undefined) exposed.push(of)
    if (verdict.status === 'fixed_on_disk') onDisk.push(cve)
    else if (isFixedByKernelAlone(prepared, cve, verdict)) byKernel.push(cve)
  }
  const rank = (cve: string) => SEVERITIES.indexOf(cves.get(cve)?.severity ?? 'unknown')
  const worstFirst = (left: string, right: string) => rank(left) - rank(right) || (left < right ? -1 : 1)
  return {
    ...{ id, verdicts, print: hash.digest('hex'), exposed: exposed.length },
    knownExploited: exposed.filter((cve) => cve.known_exploited_on !== null).length,
    worst: SEVERITIES.find((severity) => exposed.some((cve) => cve.severity === severity)) ?? null,
    ...{ diskCves: onDisk.sort(worstFirst), kernelCves: byKernel.sort(worstFirst) },
  }
}

/** Whether a class waits, or not all were judged by what feeds say now. */
export const isDue = async (database: Kysely<DatabaseSchema>): Promise<boolean> => {
  const { pass, judged_pass } = await readState(database)
  return pass !== judged_pass || (await dueClasses(database, pass)).length > 0
}

/** All classes are due from now on: feeds say something else, or a newer program judges otherwise. */
export const askForPass = async (database: Kysely<DatabaseSchema>): Promise<void> => {
  await sql`update exposure_state set pass = pass + 1`.execute(database)
}
