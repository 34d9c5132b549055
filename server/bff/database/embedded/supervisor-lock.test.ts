// Goal: one supervisor for a folder, ever, and none shut out by a dead one. Method: real files, many takers at once.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { identifyProcess } from './process-identity.ts'
import { lockForSupervisor } from './supervisor-lock.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'lock-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

const holder = async (change: object) => {
  const self = await identifyProcess(process.pid)
  await writeFile(path.join(home, 'supervisor.7'), JSON.stringify({ ...self, released: false, ...change }))
}

test('of many at once, one wins, and the others are told who', async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => lockForSupervisor(home)))
  const lost = outcomes.filter((outcome) => outcome.status === 'rejected')
  expect(lost).toHaveLength(19)
  for (const { reason } of lost) expect(reason.message).toContain(`uses this data directory, pid ${process.pid}`)
  expect(await readdir(home)).toHaveLength(1)
})

test('once released, it can be taken again', async () => {
  const release = await lockForSupervisor(home)
  await release()
  await (await lockForSupervisor(home))()
  expect(await readdir(home)).toHaveLength(1)
})

test('a dead holder, an earlier boot, a number given out anew and a torn file hold nothing', async () => {
  for (const dead of [{ pid: 2 ** 22 + 1 }, { bootId: 'another' }, { startTicks: '1' }]) {
    await holder(dead)
    await (await lockForSupervisor(home))()
    for (const name of await readdir(home)) await rm(path.join(home, name))
  }
  await writeFile(path.join(home, 'supervisor.3'), '{"pid": 1')
  await expect(lockForSupervisor(home)).resolves.toBeTypeOf('function')
})

test('a living holder does', async () => {
  await holder({})
  await expect(lockForSupervisor(home)).rejects.toThrow(/Another Rebootless/)
})
