// Goal: what a dry run foretells is what happens. Method: small rollouts over hosts of the simulated fleet, on virtual time and by
// the same seeds each time: first foretold, then driven second by second against their kernels.
import { expect, test } from 'vitest'
import { dryRun } from './dry-run.ts'
import { testPlan, testWork } from './test-dry-run-work.ts'
import { type FleetHost, fleetHosts, putToSleep, rollOut } from './test-fleet-rollout.ts'

const BEGINS = Date.parse('2026-11-27T20:00:00.000Z')
const ID = '88888888-8888-4888-8888-888888888888'
const SEEDS = [1, 2, 3, 4, 5, 6]
/** A look each second, and a quantile is of whole looks. */
const LOOK_SECONDS = 2

const plan = testPlan({
  waves: [
    { name: 'canary', share: { kind: 'count', hosts: 2 }, soakSeconds: 30 },
    { name: 'half', share: { kind: 'percent', percent: 50 }, soakSeconds: 30 },
    { name: 'rest', share: { kind: 'rest' }, soakSeconds: 0 },
  ],
  limits: { atOnce: 2, domains: [] },
  stalls: { policy: 'wait', afterSeconds: 600 },
})

const functionsOf = (hosts: readonly FleetHost[]) =>
  Object.fromEntries(hosts.map(({ seen, patch }) => [seen.fit.fits ? seen.fit.artefact : '', patch.redirects]))

const foretell = (hosts: readonly FleetHost[], seed: number) =>
  dryRun(
    testWork({
      ...{ plan, id: ID, seed, runs: 20, beginsAt: new Date(BEGINS).toISOString() },
      ...{ hosts: hosts.map(({ seen }) => seen), functions: functionsOf(hosts) },
    }),
  )

const missed: string[] = []

test.each(SEEDS)('a rollout that nothing holds is foretold, and goes to its end (seed %i)', (seed) => {
  const hosts = fleetHosts(seed, 10, BEGINS)
  const { duration, ends } = foretell(hosts, seed)
  const { seconds, stalled } = rollOut(plan, ID, hosts, { seed, beginsAt: BEGINS })
  expect(ends).toEqual([{ phase: 'done', runs: 20, because: null }])
  expect(stalled).toEqual([])
  if (duration === null || seconds === null) throw new Error('it did not end')
  const isWithin = seconds >= duration.p10 - LOOK_SECONDS && seconds <= duration.p90 + LOOK_SECONDS
  if (!isWithin) missed.push(`seed ${seed}: took ${seconds} s, ${duration.p10} to ${duration.p90} s were foretold`)
})

test('for most seeds it took as long as was foretold', () => {
  // A tenth may lie below, and a tenth above.
  expect(missed.length, missed.join('; ')).toBeLessThanOrEqual(1)
})

test('the same seed foretells the same, another one something else', () => {
  const hosts = fleetHosts(1, 10, BEGINS)
  const once = JSON.stringify(foretell(hosts, 1))
  expect(JSON.stringify(foretell(hosts, 1))).toBe(once)
  expect(JSON.stringify(foretell(hosts, 2))).not.toBe(once)
})

test('the host on which a task sleeps in a changed function stalls, it alone, and was named', () => {
  const hosts = fleetHosts(11, 10, BEGINS)
  const sleeping = hosts.find((host) =>
    host.machine.plan.holds.some((hold) => host.patch.redirects.includes(hold.function)),
  )
  const text = sleeping === undefined ? null : putToSleep(sleeping)
  if (sleeping === undefined || text === null) throw new Error('no host of this fleet has such a function')
  const seen = hosts.map((host) => (host === sleeping ? { ...host, seen: { ...host.seen, asleep: [text] } } : host))
  const foretold = foretell(seen, 11)
  expect(
    foretold.atRisk.filter(({ stalledRuns }) => stalledRuns * 2 > foretold.runs).map(({ host }) => host.name),
  ).toEqual([sleeping.seen.name])
  expect(foretold.sentence).toContain(`1 host will likely stall: ${sleeping.seen.name}`)
  const { seconds, stalled } = rollOut(plan, ID, hosts, { seed: 11, beginsAt: BEGINS })
  expect([seconds, stalled]).toEqual([null, [sleeping.seen.name]])
})
