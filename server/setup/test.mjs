/**
 * `npm test`: installs and builds what it needs, runs every test, and ends with what failed and one line that counts them
 * all. A word behind it picks one kind: `unit`, `stories`, `conformance`, `kernel`, `faults`, `screenshots`. `faults --keep` writes what was
 * measured into docs/reliability.md. With `--arch ppc64le`, `arm64` or
 * `s390x`, `kernel` runs the live story on that architecture instead.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { build } from './build.mjs'
import { buildIsFresh } from './build-stamp.mjs'
import { ensureInstalled, root } from './install.mjs'

const bin = (/** @type {string} */ file) => path.join(root, 'node_modules', file)
const vitest = [bin('vitest/vitest.mjs'), 'run']
const playwright = [bin('@playwright/test/cli.js'), 'test']

/** Each runner writes a report of its own beside what it prints; the counts come from there. */
const KINDS = {
  unit: { args: vitest, report: vitestCounts },
  conformance: {
    args: [...vitest, 'server/agent/recorded/conformance.test.ts', 'server/sim/conformance'],
    report: vitestCounts,
  },
  kernel: { args: [...vitest, '--config', 'e2e/kernel/vitest.config.ts'], report: vitestCounts },
  faults: { args: [...vitest, '--config', 'e2e/faults/vitest.config.ts'], report: vitestCounts },
  stories: { args: [...playwright, '--project', 'stories'], report: playwrightCounts },
  screenshots: { args: [...playwright, '--project', 'screenshots'], report: playwrightCounts },
}

const asked = process.argv[2]
if (asked !== undefined && !(asked in KINDS)) {
  console.error(`There is no kind of test called ${asked}. Kinds: ${Object.keys(KINDS).join(', ')}.`)
  process.exit(2)
}
/** What goes on to the runner, and what the kernel lab is told. */
const words = process.argv.slice(3)
const asksArchitecture = asked === 'kernel' && words[0] === '--arch'
const [, architecture] = asksArchitecture ? words.splice(0, 2) : []
if (asksArchitecture && architecture === undefined) {
  console.error('Which architecture? --arch ppc64le, arm64 or s390x.')
  process.exit(2)
}
const isKept = asked === 'faults' && words.includes('--keep')
if (isKept) words.splice(words.indexOf('--keep'), 1)
const environment = {
  ...process.env,
  ...(architecture && { REBOOTLESS_LAB_ARCHITECTURE: architecture }),
  ...(isKept && { REBOOTLESS_BENCH_KEEP: '1' }),
}
if (architecture !== undefined && words.length === 0) words.push('agent.test', 'lab/lab.test')
const kinds = asked === undefined ? /** @type {const} */ (['unit', 'stories']) : [/** @type {keyof KINDS} */ (asked)]

ensureInstalled('all')
if (!buildIsFresh()) build()

const total = { passed: 0, failed: 0, skipped: 0 }
/** @type {string[]} */
const failures = []
let broken = false
for (const kind of kinds) {
  const { args, report } = KINDS[kind]
  const folder = mkdtempSync(path.join(tmpdir(), 'rebootless-report-'))
  const file = path.join(folder, 'report.json')
  const reporters =
    report === vitestCounts
      ? ['--reporter=default', '--reporter=json', `--outputFile=${file}`]
      : ['--reporter=list,json']
  const { status } = spawnSync(process.execPath, [...args, ...reporters, ...words], {
    cwd: root,
    stdio: 'inherit',
    env: { ...environment, PLAYWRIGHT_JSON_OUTPUT_NAME: file },
  })
  broken ||= status !== 0
  try {
    const counts = report(JSON.parse(readFileSync(file, 'utf8')))
    for (const key of /** @type {const} */ (['passed', 'failed', 'skipped'])) total[key] += counts[key]
    failures.push(...counts.failures)
  } catch (cause) {
    console.error(`The ${kind} tests left no report: ${cause instanceof Error ? cause.message : cause}`)
    broken = true
  }
  rmSync(folder, { recursive: true, force: true })
}
// A run that broke outside any test (a hook, a worker) must not read as green.
if (broken && total.failed === 0) total.failed = 1
// Thousands of lines lie between a failure and the end, and CI's record keeps the end.
for (const failure of failures) console.log(`\nFAILED ${failure}`)
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exit(broken || total.passed === 0 ? 1 : 0)

/** Vitest's json reporter has Jest's form. */
function vitestCounts(/** @type {VitestReport} */ report) {
  const failures = report.testResults.flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed')
    // A file may fail as a whole: in a hook, or while it is loaded.
    if (failed.length === 0) return message ? [failureOf(name, '', message)] : []
    return failed.map((test) => failureOf(name, test.fullName, test.failureMessages.join('\n')))
  })
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
    failures,
  }
}

function playwrightCounts(
  /** @type {{ stats: Record<string, number>, suites: PlaywrightSuite[] }} */ { stats, suites },
) {
  const specs = (/** @type {PlaywrightSuite} */ suite) =>
    /** @type {PlaywrightSpec[]} */ ([...suite.specs, ...(suite.suites ?? []).flatMap(specs)])
  const failures = suites
    .flatMap(specs)
    .filter(({ ok }) => !ok)
    .map(({ file, title, tests }) =>
      failureOf(
        file,
        title,
        tests.flatMap(({ results }) => results.flatMap(({ error }) => error?.message ?? [])).join('\n'),
      ),
    )
  return {
    passed: (stats.expected ?? 0) + (stats.flaky ?? 0),
    failed: stats.unexpected ?? 0,
    skipped: stats.skipped ?? 0,
    failures,
  }
}

function failureOf(/** @type {string} */ file, /** @type {string} */ title, /** @type {string} */ message) {
  const lines = stripVTControlCharacters(message).split('\n').slice(0, 30)
  return [`${path.relative(root, path.resolve(root, file))} > ${title}`, ...lines.map((line) => `  ${line}`)].join('\n')
}

/**
 * @typedef {{ status: string, fullName: string, failureMessages: string[] }} VitestTest
 * @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
 *   testResults: { name: string, message?: string, assertionResults: VitestTest[] }[] }} VitestReport
 * @typedef {{ file: string, title: string, ok: boolean, tests: { results: { error?: { message?: string } }[] }[] }} PlaywrightSpec
 * @typedef {{ specs: PlaywrightSpec[], suites?: PlaywrightSuite[] }} PlaywrightSuite
 */
