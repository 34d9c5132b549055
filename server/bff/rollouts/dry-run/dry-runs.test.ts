// Goal: one dry run at a time, few that wait, each seen by who asked alone, and a thread's death told in words. Method: simulators
// that the test ends by hand.
import type { DryRunResult } from '@rebootless/shared/contract/dry-run.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { DryRunSimulator, DryRunWork } from '@rebootless/shared/domain/rollouts/dry-run/dry-run-work.ts'
import pino from 'pino'
import { expect, test } from 'vitest'
import { createDryRuns } from './dry-runs.ts'

const WORK = { seed: 1 } as DryRunWork
const RESULT = { seed: 1, sentence: 'About 2 min.' } as DryRunResult
const ann = { userId: 'ann', scope: null }
const read = async () => WORK

const bench = () => {
  const runs: { end: (result: DryRunResult) => void; fail: (error: unknown) => void; signal: AbortSignal }[] = []
  const simulator: DryRunSimulator = {
    run: (_work, { signal }) =>
      new Promise((resolve, reject) => {
        runs.push({ end: resolve, fail: reject, signal })
        signal.addEventListener('abort', () => reject(signal.reason))
      }),
  }
  let now = Date.parse('2026-11-27T20:00:00.000Z')
  const clock = { now: () => new Date(now) }
  const dryRuns = createDryRuns({ simulator, clock, log: pino({ level: 'silent' }) })
  return { dryRuns, runs, advance: (ms: number) => (now += ms) }
}
const settled = () => new Promise((resolve) => setImmediate(resolve))
const codeOf = (call: () => unknown): string => {
  try {
    call()
    return 'none'
  } catch (error) {
    return error instanceof DomainError ? error.code : String(error)
  }
}

test('one runs, the next waits and knows behind how many, and takes its turn', async () => {
  const { dryRuns, runs } = bench()
  const first = dryRuns.start(ann, read)
  const second = dryRuns.start({ userId: 'bob', scope: null }, read)
  await settled()
  expect([runs.length, second.before]).toEqual([1, 1])
  expect(dryRuns.get(ann, first.id)).toMatchObject({ state: 'running', stage: 'simulating kernels' })
  runs[0]?.end(RESULT)
  await settled()
  expect(dryRuns.get(ann, first.id)).toMatchObject({ state: 'done', progress: 1, result: RESULT })
  expect([runs.length, dryRuns.get({ userId: 'bob', scope: null }, second.id).state]).toEqual([2, 'running'])
})

test('so many wait and no more', async () => {
  const { dryRuns } = bench()
  for (let person = 0; person < 9; person += 1) dryRuns.start({ userId: `p${person}`, scope: null }, read)
  await settled()
  expect(codeOf(() => dryRuns.start({ userId: 'late', scope: null }, read))).toBe('too_many_requests')
})

test('who asks for another ends his own; who cancels frees the place', async () => {
  const { dryRuns, runs } = bench()
  const first = dryRuns.start(ann, read)
  await settled()
  const second = dryRuns.start(ann, read)
  await settled()
  expect(dryRuns.get(ann, first.id).state).toBe('cancelled')
  expect(runs[0]?.signal.aborted).toBe(true)
  expect(dryRuns.cancel(ann, second.id)).toMatchObject({ state: 'cancelled', result: null })
  const third = dryRuns.start(ann, read)
  await settled()
  await settled()
  expect(dryRuns.get(ann, third.id).state).toBe('running')
})

test('T07 it is told of to who asked, by the scope that was asked with, and to nobody else', async () => {
  const { dryRuns } = bench()
  const { id } = dryRuns.start({ userId: 'ann', scope: 'label.env:prod' }, read)
  expect(codeOf(() => dryRuns.get({ userId: 'bob', scope: 'label.env:prod' }, id))).toBe('rollout_not_found')
  expect(codeOf(() => dryRuns.get({ userId: 'ann', scope: 'label.env:test' }, id))).toBe('rollout_not_found')
  expect(codeOf(() => dryRuns.cancel({ userId: 'bob', scope: null }, id))).toBe('rollout_not_found')
})

test('a thread that dies is told of in a sentence, and the next one runs', async () => {
  const { dryRuns, runs } = bench()
  const first = dryRuns.start(ann, read)
  const second = dryRuns.start({ userId: 'bob', scope: null }, read)
  await settled()
  runs[0]?.fail(new Error('The simulation ended without a word.'))
  await settled()
  expect(dryRuns.get(ann, first.id)).toMatchObject({
    ...{ state: 'failed', result: null, why: 'The simulation failed; the server’s log tells more.' },
  })
  runs[1]?.fail(new DomainError('rollout_refused', 'Simulating it takes longer than it may.'))
  await settled()
  expect(dryRuns.get({ userId: 'bob', scope: null }, second.id).why).toBe('Simulating it takes longer than it may.')
})

test('what was not asked about for half an hour is gone', async () => {
  const { dryRuns, runs, advance } = bench()
  const { id } = dryRuns.start(ann, read)
  await settled()
  runs[0]?.end(RESULT)
  await settled()
  advance(31 * 60 * 1000)
  expect(codeOf(() => dryRuns.get(ann, id))).toBe('rollout_not_found')
})

test('a server that stops ends what runs', async () => {
  const { dryRuns, runs } = bench()
  dryRuns.start(ann, read)
  await settled()
  await dryRuns.close()
  expect(runs[0]?.signal.aborted).toBe(true)
})
