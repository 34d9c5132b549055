// Goal: what is told of a past moment is what was told at that moment, and a day's roll-up is what its end is reckoned to. Method:
// a quarter of seeded changes to hosts, classes, verdicts, feeds, policy and exceptions in a real database; after each the summary
// and the hosts are recorded; when all is over, each moment is asked for again.
import { randomUUID } from 'node:crypto'
import { ComplianceSummary, ComplianceTrend } from '@rebootless/shared/contract/compliance.ts'
import { DEFAULT_SLA } from '@rebootless/shared/domain/compliance/default-policy.ts'
import { summarise } from '@rebootless/shared/domain/compliance/summarise.ts'
import type { Severity, VerdictStatus } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { SEVERITIES, VERDICTS } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { readTrend, rollUp, writeDays } from './days.ts'
import { approveException, endException, requestException } from './exception-rows.ts'
import { hostView } from './host-pages.ts'
import { judgeFleet } from './judgement.ts'
import { readPolicy, setPolicy } from './policy-rows.ts'
import { writeExposure } from './test-exposure.ts'

const DAY_MS = 24 * 60 * 60_000
const SEED = Number(process.env.SEED ?? 4711)
const STEPS = 500
const START = Date.parse('2026-08-01T00:00:00Z')

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

/** mulberry32: the same numbers for the same seed. */
const chanceOf = (seed: number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const dayText = (at: number) => new Date(at).toISOString().slice(0, 10)

const record = async (at: Date) => {
  const { fleet, hosts } = await judgeFleet(database.kysely, at)
  return JSON.stringify([summarise(hosts, fleet, 14), hosts.map((one) => hostView(one, fleet.at))])
}

test(`any moment of a quarter is told later as it was then (seed ${SEED})`, { timeout: 120_000 }, async () => {
  const { kysely } = database
  const write = writeExposure(kysely)
  const chance = chanceOf(SEED)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(chance() * list.length)] as T
  const hosts = Array.from({ length: 12 }, () => randomUUID())
  const cves = Array.from({ length: 10 }, (_, index) => `CVE-2026-${1000 + index}`)
  const classes: string[] = []
  for (let index = 0; index < 6; index += 1) {
    const facts = { installedKernels: index % 2 === 0 ? null : [`6.1.0-c${index}`] }
    classes.push(await write.class(`c${index}`, new Date(START), facts))
  }
  const people = ['anna', 'boris'].map((username) => ({ username, userId: randomUUID(), role: 'approver' }))
  const exceptions: string[] = []
  const recorded: { at: Date; text: string }[] = []
  let at = START

  const person = (index: number) => ({
    ...(people[index] ?? { username: '', userId: '', role: '' }),
    ...{
      now: new Date(at),
      requestId: 'test',
      actor: { kind: 'server', id: null, name: 'test', address: null } as const,
    },
  })
  const steps: (() => Promise<unknown>)[] = [
    () =>
      write.host(pick(hosts), pick(classes), new Date(at), {
        labels: { owner: pick(['a', 'b']), dc: pick(['x', 'y']) },
      }),
    () => write.host(pick(hosts), pick(classes), new Date(at), { doubts: chance() < 0.3 ? ['stale'] : [] }),
    () => {
      const status: VerdictStatus = chance() < 0.5 ? 'exposed' : pick(VERDICTS)
      const fixAvailableOn = dayText(at - chance() * 60 * DAY_MS)
      const more = chance() < 0.7 ? { fixAvailableOn } : chance() < 0.5 ? { by: '6.1.0-999' } : {}
      return write.verdict(pick(classes), pick(cves), new Date(at), status, more)
    },
    () => {
      const severity: Severity = pick(SEVERITIES)
      const publishedOn = dayText(at - chance() * 90 * DAY_MS)
      const exploited = chance() < 0.2 ? { knownExploitedOn: dayText(at) } : {}
      return write.cve(pick(cves), new Date(at), { severity, publishedOn, ...exploited })
    },
    async () => {
      if (chance() < 0.3) await write.removeHost(pick(hosts), new Date(at))
    },
    async () => {
      if (chance() > 0.15) return
      const { policy } = await readPolicy(kysely)
      const spec = {
        ...DEFAULT_SLA,
        ...{ knownExploitedDays: Math.floor(chance() * 20), clock: pick(['publication', 'fix_available'] as const) },
        ...{ unknown: pick(['apart', 'as_exposed'] as const), notBeforeSeen: chance() < 0.5 },
        supported: pick(['newest_in_effect', 'covers_newer_kernel'] as const),
        calendar: {
          ...DEFAULT_SLA.calendar,
          timeZone: pick(['UTC', 'Europe/Berlin']),
          count: pick(['working_days', 'calendar_days'] as const),
        },
        overrides:
          chance() < 0.5 ? [] : [{ name: 'b', hosts: 'label.owner:b', days: DEFAULT_SLA.days, knownExploitedDays: 3 }],
      }
      await setPolicy(kysely, { spec, reason: 'test', basedOn: policy.version }, person(0))
    },
    async () => {
      if (chance() > 0.3) return
      const subject =
        chance() < 0.5
          ? { kind: 'cve' as const, cveId: pick(cves) }
          : { kind: 'severity' as const, severity: pick(SEVERITIES) }
      const until = new Date(at + (1 + chance() * 30) * DAY_MS).toISOString()
      const asked = { subject, hosts: pick(['', 'label.owner:a']), owner: 'team', reason: 'test', until }
      const { id } = await requestException(kysely, asked, person(0))
      if (chance() < 0.8) await approveException(kysely, id, person(1))
      exceptions.push(id)
    },
    async () => {
      if (exceptions.length === 0 || chance() > 0.3) return
      await endException(kysely, pick(exceptions), 'test', person(1)).catch(() => undefined)
    },
  ]

  for (let step = 0; step < STEPS; step += 1) {
    at += Math.ceil(chance() * 8.8 * 60 * 60_000)
    await pick([...steps, ...steps.slice(0, 4), ...steps.slice(2, 3)])()
    recorded.push({ at: new Date(at), text: await record(new Date(at)) })
  }
  expect(new Set(recorded.map(({ text }) => text.replace(/"judgedAt":"[^"]*"/, ''))).size).toBeGreaterThan(STEPS / 2)
  for (const moment of recorded) expect(await record(moment.at), `${moment.at.toISOString()}`).toBe(moment.text)
  const [summary] = JSON.parse(recorded.at(-1)?.text ?? '')
  expect(
    ComplianceSummary.parse({ ...summary, judgedBy: null, asOf: new Date(at).toISOString() }).counts.hosts,
  ).toBeGreaterThan(0)

  // Nobody was there for a quarter: all days are written, each as it ended.
  const now = new Date(at + DAY_MS)
  const written = await writeDays(kysely, () => now)
  expect(written).toBeGreaterThan(80)
  expect(await writeDays(kysely, () => now)).toBe(0)
  for (const by of ['fleet', 'owner', 'datacentre'] as const) {
    const trend = ComplianceTrend.parse(await readTrend(kysely, { days: 3660, by }, now))
    expect(new Set(trend.days.map(({ day }) => day)).size).toBe(written)
    for (const day of [...new Set(trend.days.map((one) => one.day))].filter((_, index) => index % 7 === 0)) {
      const rows = rollUp(await judgeFleet(kysely, new Date(Date.parse(day) + DAY_MS)))
      const expected = rows.filter(({ dimension }) => dimension === by)
      const told = trend.days.filter((one) => one.day === day)
      const byValue = (left: { value: string }, right: { value: string }) => (left.value < right.value ? -1 : 1)
      expect(
        told
          .map(({ value, day: _, ...figures }) => ({ value: value === null ? '' : `=${value}`, figures }))
          .sort(byValue),
      ).toEqual(expected.map(({ value, figures }) => ({ value, figures })).sort(byValue))
    }
  }
})
