// Goal: a database that a full disk has ended is told as a full disk, and serves by itself once it can start. Method: a real embedded server
// that is killed and whose next start fails; how much is free, as the test says.
import { chmod, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pino from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { connect } from './connect.ts'
import { findPostmaster } from './embedded/postmaster.ts'

const PLENTY = 2 ** 40

test('T33 while the server is away, its full disk is the reason that is told', async () => {
  const dataDirectory = await mkdtemp(path.join(tmpdir(), 'rebootless-full-'))
  onTestFinished(() => rm(dataDirectory, { recursive: true, force: true }))
  await chmod(dataDirectory, 0o755) // PostgreSQL's user passes through, where we are root
  let free = PLENTY
  const log = pino({ level: 'silent' })
  const settings = { fsync: 'off' }
  const database = await connect({ embedded: { dataDirectory, settings, freeBytes: async () => free }, log })
  onTestFinished(database.close)
  const cluster = path.join(database.folder ?? '', 'cluster')
  const away = `${cluster}.away`
  const postmaster = await findPostmaster(cluster)
  await rename(cluster, away)
  process.kill(postmaster?.identity.pid ?? 0, 'SIGKILL')
  await expect.poll(database.fault, { timeout: 10_000 }).toMatch(/^The database does not answer: /)
  free = 0
  expect(await database.fault()).toMatch(/^The disk of .* is full: nothing new can be stored\. Free some space/)
  free = PLENTY
  await rename(away, cluster)
  await expect.poll(database.fault, { timeout: 30_000, interval: 200 }).toBeUndefined()
})
