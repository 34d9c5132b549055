// Goal: the tests that guard most can fail. Method: each bug is planted in its file as vitest reads it, and the test that is
// there to find it runs; it must fail, by its assertions. `PLANTED_BUGS=all` plants those that need a database as well.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PLANTED_BUGS, type PlantedBug } from './planted-bugs.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const execute = promisify(execFile)
let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'rebootless-planted-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Report {
  readonly testResults: readonly {
    readonly message: string
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

/** Titles of the tests that failed with the bug in place. */
const failuresWith = async ({ name, title }: PlantedBug): Promise<string[]> => {
  const report = path.join(folder, `${PLANTED_BUGS.findIndex((bug) => bug.name === name)}.json`)
  const pattern = title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const parameters = [
    'run',
    '--config',
    'server/build/planted-bugs.config.ts',
    '--reporter=json',
    `--outputFile=${report}`,
  ]
  const { VITEST: _VITEST, VITEST_POOL_ID: _pool, VITEST_WORKER_ID: _worker, ...environment } = process.env
  await execute(process.execPath, ['node_modules/vitest/vitest.mjs', ...parameters, '-t', pattern], {
    cwd: root,
    env: { ...environment, PLANTED_BUG: name },
    maxBuffer: 64 * 1024 * 1024,
  }).catch(() => undefined)
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report
  for (const { assertionResults, message } of testResults) {
    if (assertionResults.length === 0) throw new Error(`the tests did not begin: ${message}`)
  }
  const results = testResults.flatMap(({ assertionResults }) => assertionResults)
  return results.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName)
}

describe('T40 a planted bug', () => {
  test.each(PLANTED_BUGS.map((bug) => [bug.name, bug] as const))('stands where it can be planted: %s', (_name, bug) => {
    expect(readFileSync(path.join(root, bug.file), 'utf8').split(bug.find).length - 1).toBe(1)
  })

  const planted = PLANTED_BUGS.filter(({ slow }) => slow !== true || process.env.PLANTED_BUGS === 'all')
  test.each(planted.map((bug) => [bug.name, bug] as const))(
    'is found: %s',
    async (_name, bug) => {
      const failures = await failuresWith(bug)
      expect(failures.filter((name) => name.includes(bug.title)).length).toBeGreaterThan(0)
    },
    180_000,
  )
})
