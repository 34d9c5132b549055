// Goal: a dry run holds no page up and takes no more than it may, whatever it is asked (T14 in kind). Method: the thread itself, with
// work that it does, work that takes too long, too little memory, and an asker who goes away.

import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { expect, test } from 'vitest'
import { dryRun } from '../sim/dry-run/dry-run.ts'
import { testHost, testPlan, testWork } from '../sim/dry-run/test-dry-run-work.ts'
import { createDryRunSimulator } from './dry-run-simulator.ts'

const quiet = { signal: new AbortController().signal, onProgress: () => undefined }
/** Hours of work. */
const endless = testWork({
  runs: 50,
  hosts: Array.from({ length: 2_000 }, (_, index) => testHost(index, { tasks: 1_000 })),
  plan: testPlan({ limits: { atOnce: 1, domains: [] } }),
})
const failure = async (promise: Promise<unknown>) =>
  promise.then(
    () => 'it came to an end',
    (error: unknown) => error,
  )

test('the thread comes to the very result, and tells how far it is', async () => {
  const stages = new Set<string>()
  const work = testWork({ runs: 3, hosts: [0, 3, 6].map((index) => testHost(index)) })
  const result = await createDryRunSimulator().run(work, { ...quiet, onProgress: (stage) => stages.add(stage) })
  expect(result).toEqual(dryRun(work))
  expect(stages.size).toBeGreaterThan(0)
})

test('what takes too long is ended at its deadline, and refused in words', async () => {
  const error = await failure(createDryRunSimulator({ msMax: 1_500 }).run(endless, quiet))
  expect(error).toBeInstanceOf(DomainError)
  expect((error as DomainError).detail).toContain('longer than it may')
})

test('what takes too much memory ends the thread, and nothing else', async () => {
  const limits = { maxOldGenerationSizeMb: 6, maxYoungGenerationSizeMb: 2, stackSizeMb: 4 }
  const error = await failure(createDryRunSimulator({ limits }).run(endless, quiet))
  expect((error as DomainError).detail).toContain('more memory than it may')
})

test('who cancels it ends the thread at once', async () => {
  const asker = new AbortController()
  const run = failure(createDryRunSimulator().run(endless, { ...quiet, signal: asker.signal }))
  setTimeout(() => asker.abort(new Error('gone')), 300)
  expect(await run).toMatchObject({ message: 'gone' })
})
