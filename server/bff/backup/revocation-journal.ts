import { constants } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import path from 'node:path'
import { type Kysely, sql } from 'kysely'
import type { Logger } from 'pino'
import * as z from 'zod'
import type { DatabaseSchema } from '../database/schema.ts'
import { periodically } from '../periodic.ts'
import { BackupError, messageOf } from './backup-error.ts'

/** In the data folder. */
export const REVOCATIONS_FILE = 'revocations.jsonl'
const LOOK_MS = 5_000

/** What was taken from somebody, or, with `ended`, given back. Ids and fingerprints, no secrets. */
const Revocation = z.strictObject({
  kind: z.enum(['certificate', 'host removed', 'quarantine', 'approver key', 'publisher key', 'API token', 'user']),
  /** Of a certificate its fingerprint; of all others the id. */
  id: z.string().min(1).max(128),
  at: z.iso.datetime(),
  /** Of a quarantine. */
  reason: z.string().max(1000).optional(),
  ended: z.literal(true).optional(),
})
export type Revocation = z.infer<typeof Revocation>

const keyOf = ({ kind, id }: Revocation): string => `${kind} ${id}`
/** These can be given back. */
const MAY_END: ReadonlySet<Revocation['kind']> = new Set(['quarantine', 'user'])

/**
 * The last word on each. A line that a crash cut off is left out; it was never said to be there.
 * @throws BackupError: there is no such file, or a line in it is none
 */
export const readRevocations = async (file: string): Promise<Revocation[]> => {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new BackupError(`The revocations cannot be read: ${messageOf(error)}`)
  })
  const last = new Map<string, Revocation>()
  for (const [index, line] of text.split('\n').slice(0, -1).entries()) {
    const revocation = parsed(line)
    if (revocation === undefined)
      throw new BackupError(`${file}, line ${index + 1}, is no line of ${REVOCATIONS_FILE}.`)
    last.set(keyOf(revocation), revocation)
  }
  return [...last.values()]
}

const parsed = (line: string): Revocation | undefined => {
  try {
    const result = Revocation.safeParse(JSON.parse(line))
    return result.success ? result.data : undefined
  } catch {
    return undefined
  }
}

/**
 * Keeps beside the database what was revoked, so that an older database that is put back need not forget it (threat-model
 * T32): a line each, on the disk within seconds. Backends of one database keep one each.
 * @returns ends it
 */
export const keepRevocations = (
  database: Kysely<DatabaseSchema>,
  dataFolder: string,
  log: Pick<Logger, 'warn'>,
  everyMs = LOOK_MS,
): (() => Promise<void>) => {
  const note = createJournal(database, path.join(dataFolder, REVOCATIONS_FILE))
  return periodically(everyMs, 'keep what was revoked', log, note)
}

/** @returns writes down what is new */
export const createJournal = (database: Kysely<DatabaseSchema>, file: string): (() => Promise<void>) => {
  let known: Map<string, Revocation> | undefined
  let since: Date | null = null
  let audited = '0'

  return async () => {
    known ??= new Map((await readKept(file)).map((one) => [keyOf(one), one]))
    const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(database)
    const now = rows[0]?.now ?? new Date()
    const { removed, last } = await removedHosts(database, audited)
    const current = [...(await certificatesSince(database, since, now)), ...removed, ...(await othersNow(database))]
    const news = current.filter((one) => {
      const before = known?.get(keyOf(one))
      return before === undefined || before.ended === true
    })
    const there = new Set(current.map(keyOf))
    for (const one of known.values()) {
      if (!MAY_END.has(one.kind) || one.ended === true || there.has(keyOf(one))) continue
      news.push({ kind: one.kind, id: one.id, at: now.toISOString(), ended: true })
    }
    await append(file, news)
    for (const one of news) known.set(keyOf(one), one)
    audited = last
    since = now
  }
}

const readKept = (file: string): Promise<Revocation[]> =>
  readFile(file, 'utf8').then(
    () => readRevocations(file),
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    },
  )

const append = async (file: string, lines: readonly Revocation[]): Promise<void> => {
  if (lines.length === 0) return
  const handle = await open(file, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o600)
  try {
    const { size } = await handle.stat()
    // What a crash left of a line ends here, and counts for nothing.
    const [end] = size === 0 ? ['\n'] : [await lastByte(handle, size)]
    if (end !== '\n') await handle.truncate(await lastLineEnd(handle, size))
    await handle.appendFile(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    await handle.sync()
  } finally {
    await handle.close()
  }
}

type Handle = Awaited<ReturnType<typeof open>>

const lastByte = async (handle: Handle, size: number): Promise<string> => {
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer.toString('latin1')
}

const lastLineEnd = async (handle: Handle, size: number): Promise<number> => {
  const length = Math.min(size, 8192)
  const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length)
  const at = buffer.lastIndexOf(0x0a)
  return at === -1 ? size - length : size - length + at + 1
}

/** Those that time has ended are no danger. A minute over, since backends have clocks of their own. */
const certificatesSince = async (database: Kysely<DatabaseSchema>, since: Date | null, now: Date) => {
  const from = since === null ? new Date(0) : new Date(since.getTime() - 60_000)
  const rows = await database
    .selectFrom('certificates')
    .select(['fingerprint', 'revoked_at'])
    .where('revoked_at', '>', from)
    .where('expires_at', '>', now)
    .execute()
  return rows.flatMap(({ fingerprint: id, revoked_at: at }): Revocation[] =>
    at === null ? [] : [{ kind: 'certificate', id, at: at.toISOString() }],
  )
}

const removedHosts = async (database: Kysely<DatabaseSchema>, after: string) => {
  const rows = await database
    .selectFrom('audit')
    .select(['sequence', 'target_id', 'at'])
    .where('action', '=', 'host.remove')
    .where('result', '=', 'done')
    .where('sequence', '>', after)
    .orderBy('sequence')
    .execute()
  const removed = rows.flatMap(({ target_id: id, at }): Revocation[] =>
    id === null ? [] : [{ kind: 'host removed', id, at: at.toISOString() }],
  )
  return { removed, last: rows.at(-1)?.sequence ?? after }
}

const othersNow = async (database: Kysely<DatabaseSchema>): Promise<Revocation[]> => {
  const { rows } = await sql<{ kind: Revocation['kind']; id: string; at: Date; reason: string | null }>`
    select 'quarantine' as kind, id::text, quarantined_at as at, quarantine_reason as reason
      from hosts where quarantined_at is not null
    union all select 'approver key', id::text, revoked_at, null from approver_keys where revoked_at is not null
    union all select 'publisher key', id::text, revoked_at, null from publisher_keys where revoked_at is not null
    union all select 'API token', id::text, ended_at, null from api_tokens
      where ended_at is not null and expires_at > now()
    union all select 'user', id::text, disabled_at, null from users where disabled_at is not null`.execute(database)
  return rows.map(({ kind, id, at, reason }) => ({
    ...{ kind, id, at: at.toISOString() },
    ...(reason === null ? {} : { reason: reason.slice(0, 1000) }),
  }))
}
