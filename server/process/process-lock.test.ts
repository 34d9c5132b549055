// Goal: one holder, ever, and none shut out by a dead one. Method: real files, many takers at once.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { identifyProcess } from './process-identity.ts'
import { processLockHolder, takeProcessLock } from './process-lock.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'lock-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

const take = () => takeProcessLock(home, 'run')
const holder = async (change: object) => {
  const self = await identifyProcess(process.pid)
  await writeFile(path.join(home, 'run.7'), JSON.stringify({ ...self, released: false, ...change }))
}

test.each(['nobody', 'a dead one'])(
  'of many at once, one takes over from %s, and the others are told who',
  async (from) => {
    for (let round = 0; round < 20; round += 1) {
      for (const name of await readdir(home)) await rm(path.join(home, name))
      if (from === 'a dead one') await holder({ startTicks: '1' })
      const locks = await Promise.all(Array.from({ length: 20 }, take))
      expect(locks.filter((lock) => lock.held)).toHaveLength(1)
      for (const lock of locks) if (!lock.held) expect(lock.pid).toBe(process.pid)
      expect(await readdir(home)).toHaveLength(1)
      expect(await processLockHolder(home, 'run')).toBe(process.pid)
    }
  },
)

test('once released, it can be taken again', async () => {
  for (let round = 0; round < 2; round += 1) {
    const lock = await take()
    if (!lock.held) throw new Error('it is held')
    await lock.release()
    expect(await processLockHolder(home, 'run')).toBeUndefined()
  }
  expect(await readdir(home)).toHaveLength(1)
})

test('a dead holder, an earlier boot, a number given out anew and a torn file hold nothing', async () => {
  for (const dead of [{ pid: 2 ** 22 + 1 }, { bootId: 'another' }, { startTicks: '1' }]) {
    await holder(dead)
    expect(await processLockHolder(home, 'run')).toBeUndefined()
    expect((await take()).held).toBe(true)
    for (const name of await readdir(home)) await rm(path.join(home, name))
  }
  await writeFile(path.join(home, 'run.3'), '{"pid": 1')
  expect((await take()).held).toBe(true)
})

test('a living holder does, and another name is another lock', async () => {
  await holder({})
  expect(await take()).toEqual({ held: false, pid: process.pid })
  expect((await takeProcessLock(home, 'run.7')).held).toBe(true)
})
