// Goal: one file that runs with Node alone, the same bytes from the same sources, and a run that survives kill -9.
// Method: build twice into empty folders far from any node_modules, and start what came out.
import { execFile, fork, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLinkBench, eventually } from '../bff/link/link-test-bench.ts'
import { buildAgent, unlistedModules } from './build-agent.ts'

const execute = promisify(execFile)
const INPUT = { bytes: 1, imports: [] }
let folder: string
let agent: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rebootless-build-'))
  agent = await buildAgent(join(folder, 'one', 'agent.mjs'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the bundled agent', () => {
  test('T34 two builds, one hash; no path of this machine inside', async () => {
    const other = await buildAgent(join(folder, 'two', 'other-name.mjs'))
    const [one, two] = await Promise.all([readFile(agent), readFile(other)])
    expect(createHash('sha256').update(one).digest('hex')).toBe(createHash('sha256').update(two).digest('hex'))
    const text = one.toString()
    expect(text.startsWith('#!/usr/bin/env node\n')).toBe(true)
    expect(text).not.toContain(process.cwd())
    expect(text).not.toMatch(/require\("(bufferutil|utf-8-validate)"\)/)
    // All of zod is 90 kB more: what a namespace `import * as z` does not name is left out, `import { z }` takes it whole.
    expect(one.length).toBeLessThan(380_000)
  })

  test('T34 holds our own modules and those of listed packages alone: with any other it is not built', () => {
    const inputs = (...paths: string[]) => ({ inputs: Object.fromEntries(paths.map((path) => [path, INPUT])) })
    const listed = ['agent/main.ts', '../shared/domain/words.ts', 'process/lock.ts', '../node_modules/ws/lib/sender.js']
    expect(unlistedModules(inputs(...listed))).toEqual([])
    for (const other of [
      'bff/backend.ts',
      'sim/fleet/faults.ts',
      '../node_modules/pino/pino.js',
      '../node_modules/ws/node_modules/other/index.js',
      '../node_modules/@scope/ws/index.js',
      '../shared/node_modules/zodiac/index.js',
    ]) {
      expect(unlistedModules(inputs(...listed, other))).toEqual([other])
    }
  })

  test('runs without node_modules: --version, inspect --json', async () => {
    const { stdout } = await execute(process.execPath, [agent, '--version'], { cwd: '/' })
    expect(stdout).toMatch(/^rebootless-agent \d+\.\d+\.\d+\n$/)
    const inspected = await execute(process.execPath, [agent, 'inspect', '--json'], { cwd: '/', maxBuffer: 8e6 })
    expect(Snapshot.parse(JSON.parse(inspected.stdout)).kernel.architecture).toBeTypeOf('string')
  })

  test('T19 kill -9 and start: the epoch rises, the lock is taken over, SIGTERM ends it with 0', async () => {
    const bench = await createLinkBench()
    const data = join(folder, 'data')
    await execute(process.execPath, [
      agent,
      'enrol',
      '--server',
      bench.url,
      '--token',
      await bench.token(),
      '--data',
      data,
    ])
    const [hostId = ''] = bench.memory.hostIds()
    const start = () => spawn(process.execPath, [agent, 'run', '--data', data], { stdio: 'ignore' })
    const hello = () => bench.memory.host(hostId).latest.hello
    for (const epoch of [1, 2]) {
      const child = start()
      await eventually(`epoch ${epoch}`, () => hello()?.epoch === epoch)
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    const last = start()
    await eventually('epoch 3', () => hello()?.epoch === 3)
    last.kill('SIGTERM')
    expect(await once(last, 'exit')).toEqual([0, null])
    await bench.end()
  })

  test('started with a channel, it ends when its parent lets go of it', async () => {
    const bench = await createLinkBench()
    const data = join(folder, 'child')
    await execute(process.execPath, [
      agent,
      'enrol',
      '--server',
      bench.url,
      '--token',
      await bench.token(),
      '--data',
      data,
    ])
    const child = fork(agent, ['run', '--data', data], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: [] })
    await eventually('linked', () => bench.server.linkCount() === 1)
    child.disconnect()
    expect(await once(child, 'exit')).toEqual([0, null])
    await bench.end()
  })
})
