import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin, type TestProjectInlineConfiguration } from 'vitest/config'
import type { Reporter } from 'vitest/node'
import { PLANTED_BUGS, type PlantedBug, type PlantedRun } from './planted-bugs.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const all = process.env.PLANTED_BUGS === 'all'
const bugs = PLANTED_BUGS.filter(({ slow }) => all || slow !== true)

/** Puts the bug into its file as it is read; nothing is written. */
const plant = (bug: PlantedBug): Plugin => ({
  name: 'plant-bug',
  enforce: 'pre',
  transform(code, id) {
    if (id.split('?')[0] !== `${root}${bug.file}`) return
    const pieces = code.split(bug.find)
    if (pieces.length !== 2) throw new Error(`${bug.file} holds what “${bug.name}” replaces ${pieces.length - 1} times`)
    return pieces.join(bug.instead)
  },
})

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Each bug is a project of its own: one start of vitest plants them all, and no module is read with two. */
const projectOf = (bug: PlantedBug): TestProjectInlineConfiguration => ({
  root,
  plugins: [plant(bug)],
  test: {
    ...{ name: bug.name, environment: 'node', include: [bug.test], testTimeout: 20_000, hookTimeout: 60_000 },
    // Vitest hands it to the project's workers, though its types know it of the whole run alone.
    ...{ testNamePattern: new RegExp(escaped(bug.title)) },
  },
})

/** What came of each, for the test that asked. */
const report: Reporter = {
  onTestRunEnd(modules) {
    const runs = modules.map((module): PlantedRun => {
      const tests = [...module.children.allTests()].filter((test) => test.result().state !== 'skipped')
      const failed = tests.filter((test) => test.result().state === 'failed')
      return {
        bug: module.project.name,
        began: tests.length,
        failed: failed.map(({ fullName }) => fullName.replaceAll(' > ', ' ')),
        errors: module.errors().map(({ message }) => message),
      }
    })
    writeFileSync(process.env.PLANTED_BUGS_REPORT ?? '/dev/stdout', JSON.stringify(runs))
  },
}

export default defineConfig({
  test: {
    projects: bugs.map(projectOf),
    reporters: [report],
    // The test that asks has its own place among those that run.
    maxWorkers: 1,
  },
})
