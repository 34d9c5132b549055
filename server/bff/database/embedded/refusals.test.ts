// Goal: where the database can't run, nothing is started and the message says what to do. Method: the real start, on
// folders and machines that are wrong in one way each.
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import pino from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DatabaseUnusableError } from '../database-error.ts'
import { type EmbeddedPostgresOptions, startEmbeddedPostgres } from './embedded-postgres.ts'

const log = pino({ level: 'silent' })
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'refusals-'))
  await chmod(folder, 0o755)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** The words of the refusal. Whatever starts by mistake is stopped, and fails the test. */
async function refusal(options: Partial<EmbeddedPostgresOptions> = {}): Promise<string> {
  const outcome = await startEmbeddedPostgres({ dataDirectory: folder, log, ...options }).catch((error) => error)
  if ('stop' in outcome) await outcome.stop()
  expect(outcome).toBeInstanceOf(DatabaseUnusableError)
  return outcome.message
}

test('too little disk', async () => {
  const free = 511 * 1024 * 1024
  expect(await refusal({ freeBytes: async () => free })).toMatch(/Only 511 MiB are free .* needs 512.*REBOOTLESS_DATA/)
  await expect(stat(path.join(folder, 'postgres/cluster'))).rejects.toThrow('ENOENT')
})

test('a data directory that is a file, or where none can be made', async () => {
  await writeFile(path.join(folder, 'file'), '')
  expect(await refusal({ dataDirectory: path.join(folder, 'file') })).toMatch(/file can't be used.*REBOOTLESS_DATA/)
  expect(await refusal({ dataDirectory: '/sys/rebootless' })).toMatch(/can't be used.*REBOOTLESS_DATA/)
})

test('a machine without binaries', async () => {
  expect(await refusal({ platform: 'linux-riscv64' })).toMatch(/linux-riscv64 .*npm install.*DATABASE_URL/)
})

test('a cluster of another major version, which stays as it is', async () => {
  const cluster = path.join(folder, 'postgres/cluster')
  await mkdir(cluster, { recursive: true })
  await writeFile(path.join(cluster, 'PG_VERSION'), '15\n')
  expect(await refusal()).toMatch(/made by PostgreSQL 15; this Rebootless brings 18.*DATABASE_URL/)
  expect(await readFile(path.join(cluster, 'PG_VERSION'), 'utf8')).toBe('15\n')
})

test('a cluster whose passwords are lost', async () => {
  const cluster = path.join(folder, 'postgres/cluster')
  await mkdir(cluster, { recursive: true })
  await writeFile(path.join(cluster, 'PG_VERSION'), '18\n')
  expect(await refusal()).toMatch(/passwords.json is missing or damaged.*backup/)
})

test('a refused start lets go of the data directory', async () => {
  await refusal({ freeBytes: async () => 0 })
  expect(await refusal({ freeBytes: async () => 0 })).not.toMatch(/Another Rebootless/)
})
