// Goal: a rollout does on real kernels what it says: a stall of the canary stops it, a reversal takes out what it put in, it goes on
// without the host, and an oops of the new code undoes it all by itself. Method: two guests of two kernels with the bundled agent,
// the real program, a set of one module built for each kernel; what became of it is asked of the kernels.
import { randomUUID } from 'node:crypto'
import { expect } from '@playwright/test'
import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import type { RolloutDecisionList, RolloutDetail, RolloutPreview } from '@rebootless/shared/contract/rollouts-api.ts'
import { afterAll, beforeAll, test } from 'vitest'
import type * as z from 'zod'
import { LAB_CLASS, sleepInOldFunction, upload } from './acts.ts'
import { pageOf } from './by-page.ts'
import { livepatchFiles } from './lab/livepatch.ts'
import type { Machine } from './lab/machine.ts'
import { withMachines } from './lab/with-machine.ts'
import { AGENT, enrolAndRun, type Live, startLive } from './live-host.ts'
import { answer, type Person, proveAgain, signInAsAdmin } from './people.ts'

/** An emulated kernel retries each second, is heard, and is looked at once a second, all on a machine that has other work. */
const WITHIN_MS = 120_000
const IN_EFFECT = { enabled: true, transition: false }

let live: Live
let admin: Person

beforeAll(async () => {
  live = await startLive()
  admin = await signInAsAdmin(live.program)
})

afterAll(async () => await live?.end())

test('a stall stops a rollout and names its cause; without the host it goes on; an oops undoes the next', async () => {
  await withTwoMachines(async (machines) => {
    await untilBothAreHeard(machines)
    await stallReverseGoOn(machines)
    await undoneByOops(machines)
    for (const machine of machines) await machine.powerOff()
  })
})

type Machines = readonly [Machine, Machine]

const withTwoMachines = (run: (machines: Machines) => Promise<void>) => {
  const options = { agentBundle: AGENT, files: [LAB_CLASS] }
  const old = { ...options, kernel: '6.1', hostname: 'rollout-old' } as const
  const young = { ...options, kernel: '6.12', hostname: 'rollout-new' } as const
  return withMachines([old, young], run)
}

async function untilBothAreHeard(machines: Machines): Promise<void> {
  const page = await live.browser.newPage({ baseURL: live.program.address })
  for (const machine of machines) await enrolAndRun(live, machine, page)
  await page.close()
}

async function stallReverseGoOn(machines: Machines): Promise<void> {
  const plan = await planOf(machines, 'lp_killable', {
    waves: [
      { name: 'canary', share: { kind: 'count', hosts: 1 }, soakSeconds: 2 },
      { name: 'all others', share: { kind: 'rest' }, soakSeconds: 2 },
    ],
    stalls: { policy: 'ask', afterSeconds: 5 },
  })
  const id = randomUUID()
  const preview: z.infer<typeof RolloutPreview> = await answer(
    admin.api.post('/api/v1/rollouts/preview', { data: { id, plan } }),
  )
  const first = preview.waves[0]?.hosts[0]
  const leftOut = preview.others.filter(({ id }) => !plan.exclude?.includes(id))
  expect(leftOut, 'both are in a wave').toEqual([])
  const canary = machineCalled(machines, first?.name)
  const other = machines.find((machine) => machine !== canary) ?? machines[1]
  await sleepInOldFunction(canary)
  await other.insmod('lptarget')
  await answer(admin.api.post('/api/v1/rollouts', { data: { id, plan } }))
  await act(id, 'start')

  const paused = await until(id, 'paused')
  expect(paused.sentence).toMatch(new RegExp(`^Paused by itself: ${canary.hostname} has waited .* for worker-3`))
  await shownOnPage(
    id,
    new RegExp(`Paused by itself: ${canary.hostname} has waited .* for worker-3 in lpt_wait_killable`),
  )
  expect(await livepatchFiles(canary, 'lp_killable')).toEqual({ enabled: true, transition: true })
  expect(await livepatchFiles(other, 'lp_killable'), 'the next wave has not begun').toBeUndefined()

  await act(id, 'reverse', { afterwards: 'pause' })
  expect((await until(id, 'paused', 'undone')).counts).toMatchObject({ undone: 1 })
  expect(await livepatchFiles(canary, 'lp_killable')).toBeUndefined()
  await act(id, 'exclude', { hosts: [first?.id] })
  await act(id, 'resume')
  await until(id, 'done')
  expect(await livepatchFiles(other, 'lp_killable')).toEqual(IN_EFFECT)
  expect(await livepatchFiles(canary, 'lp_killable'), 'left out').toBeUndefined()
  await canary.write('/proc/lpt/ctl', 'release\n')
}

async function undoneByOops(machines: Machines): Promise<void> {
  const plan = await planOf(machines, 'lp_oops', {
    waves: [{ name: 'all', share: { kind: 'rest' }, soakSeconds: 600 }],
    budget: { failures: 0, whenSpent: 'reverse' },
  })
  const { id }: RolloutDetail = await answer(admin.api.post('/api/v1/rollouts', { data: { plan } }))
  await act(id, 'start')
  await expect.poll(async () => (await read(id)).waves[0]?.stage, { timeout: WITHIN_MS }).toBe('soaking')
  for (const machine of machines) expect(await livepatchFiles(machine, 'lp_oops')).toEqual(IN_EFFECT)

  // Whoever calls the new code dies of it, and the kernel goes on; by itself a machine of the lab would not.
  const [, victim] = machines
  await victim.write('/proc/sys/kernel/panic_on_oops', '0\n')
  await victim.exec(['cat', '/proc/lpt/answer'])
  expect((await victim.exec(['dmesg'])).stdout).toMatch(/Oops:[\s\S]*livepatch_lpt_answer/)
  await until(id, 'reversed')
  for (const machine of machines) expect(await livepatchFiles(machine, 'lp_oops')).toBeUndefined()
  await shownOnPage(id, /^Undone/)
  const { items }: RolloutDecisionList = await answer(admin.api.get(`/api/v1/rollouts/${id}/decisions`))
  const byItself = items.find(({ kind }) => kind === 'reversing by itself')
  expect(byItself, JSON.stringify(items)).toMatchObject({ by: null })
  expect(JSON.stringify(items)).toContain(`Since it was told, its kernel had an oops`)
}

/** What whoever is on call reads first. */
const shownOnPage = async (id: string, sentence: RegExp): Promise<void> => {
  const page = await pageOf(admin, live)
  await page.goto(`/rollouts/${id}`)
  await expect(page.getByRole('region', { name: 'Why it stands where it stands' })).toContainText(sentence)
  await page.context().close()
}

const machineCalled = (machines: Machines, name: string | undefined): Machine => {
  const found = machines.find(({ hostname }) => hostname === name)
  if (found === undefined) throw new Error(`no machine is called ${name}`)
  return found
}

/** A set of the module's files for both kernels, onto both machines and no other host. */
async function planOf(
  machines: Machines,
  module: string,
  parts: Pick<z.input<typeof RolloutPlan>, 'waves'> & Partial<z.input<typeof RolloutPlan>>,
): Promise<z.input<typeof RolloutPlan>> {
  const patches: string[] = []
  for (const machine of machines) patches.push(await upload(admin, machine, module))
  const { items } = await answer(admin.api.get('/api/v1/hosts', { params: { filter: 'name:rollout-*' } }))
  return {
    ...{ version: 1, name: `${module} onto both`, reason: 'as the test has it', hosts: 'name:rollout-*' },
    change: { kind: 'load', patches },
    // Of an attempt that the emulator ended.
    exclude: items.filter((host: { connected: boolean }) => !host.connected).map(({ id }: { id: string }) => id),
    gates: [{ kind: 'transitions', percent: 100, withinSeconds: 600 }, { kind: 'kernel log' }, { kind: 'agents' }],
    ...parts,
  }
}

async function act(id: string, what: string, more: Record<string, unknown> = {}): Promise<void> {
  await proveAgain(admin)
  const data = { reason: 'as the test has it', ...more }
  await answer(admin.api.post(`/api/v1/rollouts/${id}/${what}`, { data }))
}

const read = async (id: string): Promise<RolloutDetail> => await answer(admin.api.get(`/api/v1/rollouts/${id}`))

/** Until it is in that phase, and where one is named, some host is at that stage. */
async function until(id: string, phase: RolloutDetail['phase'], stage?: keyof RolloutDetail['counts']) {
  let seen = await read(id)
  const at = async () => {
    seen = await read(id)
    return stage === undefined || seen.counts[stage] !== undefined ? seen.phase : `${seen.phase}: ${seen.sentence}`
  }
  await expect.poll(at, { timeout: WITHIN_MS, intervals: [500] }).toBe(phase)
  return seen
}
