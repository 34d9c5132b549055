// Goal: what people ask for and approve is done to a real kernel, and nothing else is. Method: the bundled agent in a guest,
// the real program on the host, people of their own roles; approvers sign by the command line with keys that only they have;
// a thief with every key of the server. What became of it is asked of the kernel, and of the program.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, type Page } from '@playwright/test'
import type { Authorisation } from '@rebootless/shared/contract/command.ts'
import { afterAll, beforeAll, describe, test } from 'vitest'
import {
  kernelText,
  LAB_CLASS,
  POLICY_FILE,
  sleepers,
  sleepInOldFunction,
  stalled,
  TOLD_WITHIN_MS,
  upload,
} from './acts.ts'
import { makeDisk } from './lab/disk.ts'
import { DEBIAN_SERIES } from './lab/kernel-tree.ts'
import { livepatchFiles, transitionEnds } from './lab/livepatch.ts'
import type { Machine } from './lab/machine.ts'
import { withMachine } from './lab/with-machine.ts'
import { type LiedTo, liesAbout, lieTo } from './lies.ts'
import { AGENT, enrolAndRun, hostDetail, type Live, patchState, SHOWN_WITHIN_MS, startLive } from './live-host.ts'
import {
  type Approver,
  addApprover,
  addPerson,
  answer,
  approve,
  ask,
  askWhenPossible,
  commandOf,
  endOf,
  type Person,
  signInAsAdmin,
  signText,
  tryToAsk,
} from './people.ts'

let live: Live
let folder: string
let operator: Person
let ada: Approver
let bob: Approver

beforeAll(async () => {
  live = await startLive()
  folder = await mkdtemp(path.join(tmpdir(), 'rebootless-approvers-'))
  const admin = await signInAsAdmin(live.program)
  operator = await addPerson(admin, live.program, 'operator', 'operator')
  ada = await addApprover(admin, live.program, 'ada', folder)
  bob = await addApprover(admin, live.program, 'bob', folder)
})

afterAll(async () => {
  await live?.end()
  if (folder !== undefined) await rm(folder, { recursive: true })
})

const production = () => ({
  ...{ class: 'production', threshold: 1 },
  approvers: [ada, bob].map(({ username, publicKey }) => ({ name: username, publicKey })),
})

describe.each(DEBIAN_SERIES)('Linux %s', (kernel) => {
  test('T19 T22 T25 T26 what was asked for and approved is done, and nothing else, whatever a thief with all keys says', async () => {
    const disk = await makeDisk(path.join(folder, `disk-${kernel}`))
    const options = { kernel, agentBundle: AGENT, hostname: `acts-${kernel}`, files: [LAB_CLASS], disk }
    const page = await live.browser.newPage({ baseURL: live.program.address })
    try {
      await withMachine(options, async (machine) => {
        await machine.exec(['sh', '-c', 'rm -rf /var/lib/rebootless/*'])
        await enrolAndRun(live, machine, page)
        await loadDisableEnable(machine, page)
        const barred = { ...production(), threshold: 2, neverForce: true }
        const thief = await lieTo(machine, live.program.dataDirectory, barred, [ada, bob])
        await liesAreRefused(machine, thief)
        await thief.setPolicy(production())
        await stallAndReverse(machine, page, thief)
        await forceByTwo(machine, thief)
        await thief.end()
      })
      await withMachine(options, (machine) => loadAfterRestart(machine, page))
    } finally {
      await page.close()
    }
  })
})

test('T24 where only signed modules may go in, an unsigned one is refused before the kernel is asked', async () => {
  const options = { kernel: '6.12', agentBundle: AGENT, hostname: 'signed-only', files: [LAB_CLASS] } as const
  await withMachine({ ...options, kernelParameters: ['module.sig_enforce=1'] }, async (machine) => {
    const page = await live.browser.newPage({ baseURL: live.program.address })
    try {
      await enrolAndRun(live, machine, page)
      const [hosts, before] = [[{ id: (await hostDetail(page)).id }], await kernelText(machine)]
      const load = await ask(operator, {
        action: 'load',
        artefact: await upload(operator, machine, 'lp_simple'),
        hosts,
      })
      expect(await endOf(operator, load)).toMatchObject({ state: 'refused', code: 'artefact_unsigned' })
      expect((await machine.exec(['dmesg'])).stdout, 'no attempt').not.toMatch(/lp_simple|module verification failed/)
      expect(await kernelText(machine), 'nothing came of it').toBe(before)
      await expect(machine.insmod('lp_simple'), 'the kernel agrees').rejects.toThrow('Key was rejected by service')
      await machine.powerOff()
    } finally {
      await page.close()
    }
  })
})

async function shows(page: Page, patch: string, state: string): Promise<void> {
  await expect.poll(async () => patchState(await hostDetail(page), patch), { timeout: SHOWN_WITHIN_MS }).toBe(state)
}

async function loadDisableEnable(machine: Machine, page: Page): Promise<void> {
  const hosts = [{ id: (await hostDetail(page)).id }]
  const artefact = await upload(operator, machine, 'lp_simple')
  expect(await endOf(operator, await ask(operator, { action: 'load', artefact, hosts }))).toMatchObject({
    state: 'done',
  })
  expect(await livepatchFiles(machine, 'lp_simple')).toEqual({ enabled: true, transition: false })
  await shows(page, 'lp_simple', 'applied')

  const disable = await ask(operator, { action: 'disable', patch: 'lp_simple', hosts })
  expect(await endOf(operator, disable)).toMatchObject({ state: 'done' })
  expect(await livepatchFiles(machine, 'lp_simple')).toBeUndefined()
  await shows(page, 'lp_simple', 'disabled')

  const enable = await ask(operator, { action: 'enable', patch: 'lp_simple', hosts })
  expect(await endOf(operator, enable)).toMatchObject({ state: 'done' })
  expect(await livepatchFiles(machine, 'lp_simple')).toEqual({ enabled: true, transition: false })
  await shows(page, 'lp_simple', 'applied')
}

async function liesAreRefused(machine: Machine, thief: LiedTo): Promise<void> {
  const before = await kernelText(machine)
  expect(before).toContain('lp_simple')
  for (const [lie, code, told] of await liesAbout('lp_target', thief)) {
    expect(await thief.server.endOf(told), lie).toMatchObject({ state: 'refused', code })
  }
  expect(await kernelText(machine), 'nothing came of it').toBe(before)

  // The truth is done, once: said again when it is no longer so, it is only answered again.
  const artefact = await thief.artefact('lp_target')
  const truth = thief.message(thief.signed(thief.authorisation({ action: 'load', patch: 'lp_target', artefact })))
  expect(await thief.server.endOf(truth)).toMatchObject({ state: 'done' })
  expect(await livepatchFiles(machine, 'lp_target')).toEqual({ enabled: true, transition: false })
  await machine.write('/sys/kernel/livepatch/lp_target/enabled', '0\n')
  await transitionEnds(machine, 'lp_target', 'gone')
  await machine.rmmod('lp_target')
  const out = await kernelText(machine)
  expect(await thief.server.endOf(truth), 'a replay').toMatchObject({ state: 'done' })
  const anew = thief.message(truth.authorisation, { sequence: 1 })
  expect(await thief.server.endOf(anew), 'an old number').toMatchObject({ state: 'refused', code: 'sequence_old' })
  expect(await kernelText(machine), 'nothing came of it').toBe(out)
}

/** The host's own word, and until the program has heard it. */
async function allow(machine: Machine, page: Page, policy: { class: string }): Promise<void> {
  await machine.write(POLICY_FILE, JSON.stringify(policy))
  const heard = async () => (await answer(page.request.get(`${hostPath(page)}/actions`))).hostClass
  await expect.poll(heard, { timeout: TOLD_WITHIN_MS }).toBe(policy.class)
}

const hostPath = (page: Page) => `/api/v1${new URL(page.url()).pathname}`

const inTransition = { enabled: true, transition: true }

/** A force that its two approvers would have signed, told by the thief; the code of the refusal. */
async function forceByThief(thief: LiedTo, patch: string, blockingTasks: Authorisation['blockingTasks']) {
  const force = thief.signed(thief.authorisation({ action: 'force', patch, target: 'patching', blockingTasks }))
  const { state, code } = await thief.server.endOf(thief.message(force))
  return `${state} ${code}`
}

async function stallAndReverse(machine: Machine, page: Page, thief: LiedTo): Promise<void> {
  const hosts = [{ id: thief.hostId }]
  await allow(machine, page, production())
  await sleepInOldFunction(machine)

  const load = await ask(operator, { action: 'load', artefact: await upload(operator, machine, 'lp_killable'), hosts })
  expect(await commandOf(operator, load)).toMatchObject({ state: 'waiting' })
  await approve(ada, load)
  await stalled(operator, thief.hostId)
  const tasks = await sleepers(machine)
  expect(await livepatchFiles(machine, 'lp_killable')).toEqual(inTransition)

  const others = [{ tid: 1, name: 'init' }]
  expect(await forceByThief(thief, 'lp_simple', tasks)).toBe('refused other_transition')
  expect(await forceByThief(thief, 'lp_killable', others)).toBe('refused other_blocking_tasks')
  await thief.setPolicy({ ...production(), neverForce: true })
  expect(await forceByThief(thief, 'lp_killable', tasks)).toBe('refused never_force')
  await thief.setPolicy(production())
  expect(await livepatchFiles(machine, 'lp_killable'), 'not forced').toEqual(inTransition)

  const reverse = await ask(operator, { action: 'reverse', patch: 'lp_killable', hosts })
  await approve(ada, reverse)
  expect(await commandOf(operator, reverse), 'one is not enough').toMatchObject({ state: 'waiting' })
  expect(await livepatchFiles(machine, 'lp_killable')).toEqual(inTransition)
  await approve(bob, reverse)
  expect(await endOf(operator, reverse)).toMatchObject({ state: 'done' })
  expect(await endOf(operator, load), 'what became of the load').toMatchObject({ state: 'failed', code: 'gone' })
  expect(await livepatchFiles(machine, 'lp_killable')).toBeUndefined()
}

async function forceByTwo(machine: Machine, thief: LiedTo): Promise<void> {
  const hosts = [{ id: thief.hostId }]
  const artefact = await upload(operator, machine, 'lp_killable')
  const enable = await ask(operator, { action: 'enable', artefact, hosts })
  await approve(ada, enable)
  const tasks = await sleepers(machine)
  await expect.poll(() => livepatchFiles(machine, 'lp_killable'), { intervals: [50] }).toBeDefined()
  expect(await forceByThief(thief, 'lp_killable', tasks), 'before it is a stall').toMatch(
    /^refused (not_stalled|no_transition)$/,
  )
  await stalled(operator, thief.hostId)

  const force = await ask(operator, { action: 'force', patch: 'lp_killable', hosts })
  const signatures = `/api/v1/authorisations/${force.id}/signatures`
  const signature = await signText(ada, force.payload, 1)
  const byRequester = await operator.api.post(signatures, { data: signature })
  expect(byRequester.status(), 'whoever asks does not approve').toBe(403)
  await approve(ada, force)
  expect(await commandOf(operator, force), 'one is not enough').toMatchObject({ state: 'waiting' })
  expect(await livepatchFiles(machine, 'lp_killable')).toEqual(inTransition)
  await approve(bob, force)
  expect(await endOf(operator, force)).toMatchObject({ state: 'done' })
  expect(await endOf(operator, enable)).toMatchObject({ state: 'done' })
  expect(await livepatchFiles(machine, 'lp_killable')).toEqual({ enabled: true, transition: false })
  expect((await machine.exec(['dmesg'])).stdout).toContain('forcing remaining tasks')

  const before = await kernelText(machine)
  const load = await tryToAsk(operator, {
    action: 'load',
    artefact: await upload(operator, machine, 'lp_target'),
    hosts,
  })
  expect([load.status(), (await load.json()).detail]).toEqual([409, expect.stringContaining('only a restart')])
  for (const change of [
    { action: 'load', patch: 'lp_target', artefact: await thief.artefact('lp_target') },
    { action: 'disable', patch: 'lp_killable' },
  ] as const) {
    const told = thief.message(thief.signed(thief.authorisation(change)))
    expect(await thief.server.endOf(told), change.action).toMatchObject({ state: 'refused', code: 'forced_boot' })
  }
  expect(await kernelText(machine), 'nothing came of it').toBe(before)
}

async function loadAfterRestart(machine: Machine, page: Page): Promise<void> {
  await machine.spawn(['rebootless-agent', 'run'])
  const { id } = await hostDetail(page)
  const artefact = await upload(operator, machine, 'lp_target')
  const load = await askWhenPossible(operator, { action: 'load', artefact, hosts: [{ id }] })
  expect(await endOf(operator, load)).toMatchObject({ state: 'done' })
  expect(await livepatchFiles(machine, 'lp_target')).toEqual({ enabled: true, transition: false })
  await machine.powerOff()
}
