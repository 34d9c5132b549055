/**
 * `npm run bench rollout-page`: frames of a rollout's page of 10,000 hosts in 20 waves, quiet and while hosts change four
 * times a second, and what the answers cost. Numbers behind choose others: hosts, waves, changes at a time. Exit status 1:
 * while hosts change, the page draws less than 58 frames a second, or one frame in a hundred takes longer than two.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium, type Page } from '@playwright/test'
import { startReport } from '@rebootless/server/bench/report/bench-report.ts'
import type { Database } from '@rebootless/server/bff/database/connect.ts'
import { tellOfRollout } from '@rebootless/server/bff/events/append-event.ts'
import { columnsOf, writeHosts } from '@rebootless/server/bff/rollouts/stored-rollout.ts'
import { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import type { HostProgress } from '@rebootless/shared/contract/rollouts-api.ts'
import { newRollout } from '@rebootless/shared/domain/rollouts/new-rollout.ts'
import type { HostStage } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import { browserLaunchOptions } from '../browser.ts'
import { startProgram } from '../program.ts'
import { inDatabase } from '../stored-rows.ts'
import { PASSWORD, signIn } from '../stories/story.ts'

const [hostCount = 10_000, waveCount = 20, changesAtOnce = 50] = process.argv.slice(2).map(Number)
const SECONDS = 15
const CHANGE_EVERY_MS = 250
const FRAMES_LEAST = 58
const FRAME_MS = 1000 / 60

const plan = RolloutPlan.parse({
  version: 1,
  name: 'ten thousand hosts',
  reason: 'what its page costs',
  change: { kind: 'load', patches: ['e'.repeat(64)] },
  hosts: 'name:host-*',
  waves: Array.from({ length: waveCount }, (_, index) => ({
    name: `wave ${index + 1}`,
    share: index === waveCount - 1 ? { kind: 'rest' } : { kind: 'percent', percent: 100 / waveCount },
  })),
  gates: [{ kind: 'kernel log' }, { kind: 'agents' }, { kind: 'transitions', percent: 90, withinSeconds: 600 }],
})

/** A rollout under way that no leader drives: what changes, and when, is this program's. */
const store = async (kysely: Database['kysely'], id: string): Promise<HostProgress[]> => {
  const now = new Date()
  const hosts = Array.from({ length: hostCount }, (_, index) => ({
    ...{ id: randomUUID(), name: `host-${index}`, labels: {} },
    fit: { fits: true, artefact: 'e'.repeat(64), patch: 'lp_bench' } as const,
  }))
  const state = newRollout(id, plan, hosts, now.getTime())
  const waves = state.waves.map((wave, index) => (index === 0 ? { ...wave, stage: 'going' as const, round: 1 } : wave))
  const going = { ...state, waves, phase: 'running' as const }
  const all = [...state.hosts.values()]
  const admin = await kysely.selectFrom('users').select('id').executeTakeFirstOrThrow()
  await kysely.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('rollouts')
      .values({
        ...{ id, name: plan.name, plan: JSON.stringify(plan), plan_sha256: 'e'.repeat(64) },
        ...{ ...columnsOf(plan, going, now, false), follows: false, version: 1, fencing: 0, scope: null },
        ...{ created_by: admin.id, created_by_name: 'bench', created_at: now, started_at: now, ended_at: null },
      })
      .execute()
    await writeHosts(
      transaction,
      id,
      all.map((host, place) => ({ host, place, looksSame: false })),
    )
  })
  return all
}

const NEXT: Partial<Record<HostStage, HostStage>> = { waiting: 'told', told: 'changing', changing: 'done' }

/** Brings so many hosts a stage on, again and again, as the engine does: in one transaction with an event. */
const change = async (
  kysely: Database['kysely'],
  id: string,
  hosts: HostProgress[],
  until: number,
): Promise<number> => {
  let changes = 0
  let from = 0
  while (Date.now() < until) {
    const began = Date.now()
    const placed = Array.from({ length: changesAtOnce }, (_, index) => {
      const place = (from + index) % hosts.length
      const known = hosts[place]
      if (known === undefined) throw new Error('no such place')
      const host = { ...known, stage: NEXT[known.stage] ?? 'waiting', since: new Date().toISOString() }
      hosts[place] = host
      return { host, place, looksSame: false }
    })
    // Each host is seen at three stages, and the next ones come.
    changes += 1
    if (changes % 3 === 0) from += changesAtOnce
    await kysely.transaction().execute(async (transaction) => {
      await writeHosts(transaction, id, placed)
      await tellOfRollout(transaction, id, new Date())
    })
    await sleep(Math.max(0, CHANGE_EVERY_MS - (Date.now() - began)))
  }
  return changes
}

/** Milliseconds from one frame to the next, for so many seconds; the pointer wanders over the cells meanwhile. */
const frames = async (page: Page): Promise<number[]> => {
  const recorded = page.evaluate(`new Promise((resolve) => {
    const times = []
    const end = performance.now() + ${SECONDS * 1000}
    const tick = (now) => {
      times.push(now)
      if (now < end) requestAnimationFrame(tick)
      else resolve(times.slice(1).map((time, index) => time - times[index]))
    }
    requestAnimationFrame(tick)
  })`) as Promise<number[]>
  for (let step = 0; step < SECONDS * 4; step += 1) {
    await page.mouse.move(300 + ((step * 37) % 900), 420 + ((step * 23) % 300))
    await sleep(200)
  }
  return recorded
}

const tell = (what: string, deltas: readonly number[], isAsked: boolean): void => {
  const rate = (deltas.length * 1000) / deltas.reduce((sum, delta) => sum + delta, 0)
  const late = deltas.filter((delta) => delta > 1.5 * FRAME_MS).length
  const [least, most] = [
    { of: 'median', atLeast: FRAMES_LEAST } as const,
    { of: 'p99', atMost: 2 * FRAME_MS + 1 } as const,
  ]
  report.row({ what: `${what}: frames a second`, unit: '', values: [rate], ...(isAsked && { budget: least }) })
  report.row({ what: `${what}: a frame`, unit: 'ms', values: deltas, ...(isAsked && { budget: most }) })
  report.row({ what: `${what}: late by half a frame or more, of ${deltas.length}`, unit: '', values: [late] })
}

const report = startReport('rollout-page')

const program = await startProgram({ REBOOTLESS_ADMIN_PASSWORD: PASSWORD, REBOOTLESS_RECORDED_HOSTS: '0' })
const browser = await chromium.launch(await browserLaunchOptions())
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await signIn(page, program)
  const id = randomUUID()
  await inDatabase(program.dataDirectory, async (kysely) => {
    const hosts = await store(kysely, id)
    const opened = Date.now()
    await page.goto(`${program.address}/rollouts/${id}`)
    await page
      .getByRole('listbox')
      .nth(Math.min(3, waveCount) - 1)
      .waitFor({ timeout: 60_000 })
    report.note(`${hostCount} hosts in ${waveCount} waves; ${changesAtOnce} hosts change four times a second.`)
    report.row({ what: 'opened, until all is shown', unit: 'ms', values: [Date.now() - opened] })
    await sleep(2000)
    tell('quiet', await frames(page), false)
    await page.evaluate('performance.clearResourceTimings()')
    const [deltas, changes] = await Promise.all([frames(page), change(kysely, id, hosts, Date.now() + SECONDS * 1000)])
    tell(`${changes} changes`, deltas, true)
    for (const [what, path] of [
      ['its hosts that changed', '/hosts'],
      ['the rollout', id],
    ] as const) {
      const taken = (await page.evaluate(`performance.getEntriesByType('resource')
        .filter(({ name }) => new URL(name).pathname.endsWith('${path}')).map(({ duration }) => duration)`)) as number[]
      report.row({ what: `asking for ${what}`, unit: 'ms', values: taken })
    }
    if (!(await report.end())) process.exitCode = 1
  })
} finally {
  await browser.close()
  await program.remove()
}
