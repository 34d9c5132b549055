// Goal: the tests that guard most can fail. Method: each bug is planted in its file as vitest reads it, and the test that is
// there to find it runs; it must fail, by its assertions. `PLANTED_BUGS=all` plants those that need a database as well.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { PLANTED_BUGS, type PlantedRun } from './planted-bugs.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const execute = promisify(execFile)

const runAll = async (): Promise<PlantedRun[]> => {
  const folder = mkdtempSync(path.join(tmpdir(), 'rebootless-planted-'))
  const report = path.join(folder, 'report.json')
  const { VITEST: _VITEST, VITEST_POOL_ID: _pool, VITEST_WORKER_ID: _worker, ...environment } = process.env
  const parameters = ['run', '--config', 'server/build/planted-bugs.config.ts']
  // It fails, as each bug is to be found.
  const ended = execute(process.execPath, ['node_modules/vitest/vitest.mjs', ...parameters], {
    cwd: root,
    env: { ...environment, PLANTED_BUGS_REPORT: report },
    maxBuffer: 64 * 1024 * 1024,
  })
  const said = await ended.then(
    () => '',
    ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr,
  )
  try {
    return JSON.parse(readFileSync(report, 'utf8')) as PlantedRun[]
  } catch (cause) {
    throw new Error(`no report: ${said.slice(-2000)}`, { cause })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('T40 a planted bug', () => {
  test.each(PLANTED_BUGS.map((bug) => [bug.name, bug] as const))('stands where it can be planted: %s', (_name, bug) => {
    expect(readFileSync(path.join(root, bug.file), 'utf8').split(bug.find).length - 1).toBe(1)
  })

  describe('is found', () => {
    const planted = PLANTED_BUGS.filter(({ slow }) => slow !== true || process.env.PLANTED_BUGS === 'all')
    let runs: PlantedRun[]
    beforeAll(async () => {
      runs = await runAll()
    }, planted.length * 60_000)

    test.each(planted.map((bug) => [bug.name, bug] as const))('%s', (name, { title }) => {
      const [run, ...others] = runs.filter(({ bug }) => bug === name)
      expect([run?.errors, others]).toEqual([[], []])
      expect(run?.began).toBeGreaterThan(0)
      expect(run?.failed.filter((failed) => failed.includes(title)).length).toBeGreaterThan(0)
    })
  })
})
