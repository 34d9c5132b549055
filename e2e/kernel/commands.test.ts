// Goal: what people ask for and approve is done to a real kernel, and nothing else is. Method: the bundled agent in a guest,
// the real program on the host, people of their own roles; approvers sign by the command line with keys that only they have;
// a thief with every key of the server. What became of it is asked of the kernel, and of the program.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, type Page } from '@playwright/test'
import type { Authorisation } from '@rebootless/shared/contract/command.ts'
import { afterAll, beforeAll, test } from 'vitest'
import { kernelText, LAB_CLASS, sleepers, sleepInOldFunction, stalled, TOLD_WITHIN_MS, upload } from './acts.ts'
import { actByPage, approveByPage, pageOf } from './by-page.ts'
import { makeDisk } from './lab/disk.ts'
import { DEBIAN_SERIES } from './lab/kernel-tree.ts'
import { livepatchFiles, transitionEnds } from './lab/livepatch.ts'
import type { Machine } from './lab/machine.ts'
import { withMachine } from './lab/with-machine.ts'
import { type LiedTo, liesAbout, lieTo } from './lies.ts'
import {
  AGENT,
  enrolAndRun,
  hostDetail,
  type Live,
  main,
  patchState,
  SHOWN_WITHIN_MS,
  startLive,
  tab,
} from './live-host.ts'
import {
  type Approver,
  addApprover,
  addPerson,
  approve,
  askWhenPossible,
  commandOf,
  endOf,
  type Person,
  proveAgain,
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

/** The pages of the people of the story, each in a browser of his own. */
interface Pages {
  /** The host's, of who is on call. */
  readonly host: Page
  readonly ada: Page
  readonly bob: Page
}

async function withHostPage(machine: Machine, work: (page: Page) => Promise<void>): Promise<void> {
  const admins = await live.browser.newPage({ baseURL: live.program.address })
  await enrolAndRun(live, machine, admins)
  const page = await pageOf(operator, live)
  try {
    await page.goto(new URL(admins.url()).pathname)
    await admins.close()
    await work(page)
  } finally {
    await page.context().close()
  }
}

test.each(DEBIAN_SERIES)(
  'T19 T22 Linux %s: what is asked for is done, and nothing that a thief with all keys says',
  async (kernel) => {
    const options = { kernel, agentBundle: AGENT, hostname: `acts-${kernel}`, files: [LAB_CLASS] }
    await withMachine(options, async (machine) => {
      await withHostPage(machine, async (page) => {
        await loadDisableEnable(machine, page)
        await liesAreRefused(machine)
      })
      await machine.powerOff()
    })
  },
)

test('T25 T26 a stall is reversed, and forced, by two people and no fewer; after a force only a restart allows a load', async () => {
  const disk = await makeDisk(path.join(folder, 'disk'))
  const files = [{ ...LAB_CLASS, content: JSON.stringify(production()) }]
  const options = { kernel: '6.12', agentBundle: AGENT, hostname: 'stalls', files, disk } as const
  const approvers = { ada: await pageOf(ada, live), bob: await pageOf(bob, live) }
  let id = ''
  await withMachine(options, async (machine) => {
    // Of an attempt that the emulator ended.
    await machine.exec(['sh', '-c', 'rm -rf /var/lib/rebootless/*'])
    await withHostPage(machine, async (host) => {
      id = (await hostDetail(host)).id
      const pages = { ...approvers, host }
      const thief = await lieTo(machine, live.program.dataDirectory, production(), [ada, bob])
      await stallAndReverse(machine, pages, thief)
      await forceByTwo(machine, pages, thief)
      await thief.end()
    })
  })
  await withMachine(options, (machine) => loadAfterRestart(machine, id))
  for (const page of Object.values(approvers)) await page.context().close()
})

test('T24 where only signed modules may go in, an unsigned one is refused before the kernel is asked', async () => {
  const options = { kernel: '6.12', agentBundle: AGENT, hostname: 'signed-only', files: [LAB_CLASS] } as const
  await withMachine({ ...options, kernelParameters: ['module.sig_enforce=1'] }, async (machine) => {
    await withHostPage(machine, async (page) => {
      const before = await kernelText(machine)
      const load = await actByPage(page, machine, { words: 'Load a livepatch', module: 'lp_simple' })
      expect(await endOf(operator, load)).toMatchObject({ state: 'refused', code: 'artefact_unsigned' })
      await tab(page, 'Commands')
      await expect(main(page)).toContainText('It is not signed, and module.sig_enforce is set.')
      expect((await machine.exec(['dmesg'])).stdout, 'no attempt').not.toMatch(/lp_simple|module verification failed/)
      expect(await kernelText(machine), 'nothing came of it').toBe(before)
      await expect(machine.insmod('lp_simple'), 'the kernel agrees').rejects.toThrow('Key was rejected by service')
      await machine.powerOff()
    })
  })
})

async function shows(page: Page, patch: string, state: string): Promise<void> {
  await expect.poll(async () => patchState(await hostDetail(page), patch), { timeout: SHOWN_WITHIN_MS }).toBe(state)
}

async function loadDisableEnable(machine: Machine, page: Page): Promise<void> {
  const load = await actByPage(page, machine, { words: 'Load a livepatch', module: 'lp_simple' })
  expect(await endOf(operator, load)).toMatchObject({ state: 'done' })
  expect(await livepatchFiles(machine, 'lp_simple')).toEqual({ enabled: true, transition: false })
  await shows(page, 'lp_simple', 'applied')

  await proveAgain(operator)
  const disable = await actByPage(page, machine, { words: 'Disable', patch: 'lp_simple' })
  expect(await endOf(operator, disable)).toMatchObject({ state: 'done' })
  expect(await livepatchFiles(machine, 'lp_simple')).toBeUndefined()
  await shows(page, 'lp_simple', 'disabled')

  const enable = await actByPage(page, machine, { words: 'Enable', patch: 'lp_simple' })
  expect(await endOf(operator, enable)).toMatchObject({ state: 'done' })
  expect(await livepatchFiles(machine, 'lp_simple')).toEqual({ enabled: true, transition: false })
  await shows(page, 'lp_simple', 'applied')
  await tab(page, 'Commands')
  await expect(main(page).getByRole('list', { name: 'Commands' })).toContainText('lp_simple is in effect')
}

async function liesAreRefused(machine: Machine): Promise<void> {
  const barred = { ...production(), threshold: 2, neverForce: true }
  const thief = await lieTo(machine, live.program.dataDirectory, barred, [ada, bob])
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
  await thief.end()
}

const inTransition = { enabled: true, transition: true }

/** A force that its two approvers would have signed, told by the thief; the code of the refusal. */
async function forceByThief(thief: LiedTo, patch: string, blockingTasks: Authorisation['blockingTasks']) {
  const force = thief.signed(thief.authorisation({ action: 'force', patch, target: 'patching', blockingTasks }))
  const { state, code } = await thief.server.endOf(thief.message(force))
  return `${state} ${code}`
}

async function stallAndReverse(machine: Machine, pages: Pages, thief: LiedTo): Promise<void> {
  await sleepInOldFunction(machine)
  const load = await actByPage(pages.host, machine, { words: 'Load a livepatch', module: 'lp_killable' })
  expect(await commandOf(operator, load)).toMatchObject({ state: 'waiting' })
  await approveByPage(pages.ada, ada, load)
  await stalled(operator, thief.hostId)
  const tasks = await sleepers(machine)
  expect(await livepatchFiles(machine, 'lp_killable')).toEqual(inTransition)

  const others = [{ tid: 1, name: 'init' }]
  expect(await forceByThief(thief, 'lp_target', tasks)).toBe('refused other_transition')
  // The agent that the thief tells looks at the kernel by itself, later than the one that the program hears.
  await expect
    .poll(() => forceByThief(thief, 'lp_killable', others), { timeout: TOLD_WITHIN_MS })
    .toBe('refused other_blocking_tasks')
  await thief.setPolicy({ ...production(), neverForce: true })
  expect(await forceByThief(thief, 'lp_killable', tasks)).toBe('refused never_force')
  await thief.setPolicy(production())
  expect(await livepatchFiles(machine, 'lp_killable'), 'not forced').toEqual(inTransition)

  await proveAgain(operator)
  const reverse = await actByPage(pages.host, machine, { words: 'Reverse the transition', patch: 'lp_killable' })
  await approveByPage(pages.ada, ada, reverse)
  expect(await commandOf(operator, reverse), 'one is not enough').toMatchObject({ state: 'waiting' })
  expect(await livepatchFiles(machine, 'lp_killable')).toEqual(inTransition)
  await approveByPage(pages.bob, bob, reverse)
  expect(await endOf(operator, reverse)).toMatchObject({ state: 'done' })
  expect(await endOf(operator, load), 'what became of the load').toMatchObject({ state: 'failed', code: 'gone' })
  expect(await livepatchFiles(machine, 'lp_killable')).toBeUndefined()
}

async function forceByTwo(machine: Machine, pages: Pages, thief: LiedTo): Promise<void> {
  const module = { patch: 'lp_killable', module: 'lp_killable' }
  const enable = await actByPage(pages.host, machine, { words: 'Enable', ...module })
  const tasks = await sleepers(machine)
  await approve(ada, enable)
  await expect.poll(() => livepatchFiles(machine, 'lp_killable'), { intervals: [50] }).toBeDefined()
  expect(await forceByThief(thief, 'lp_killable', tasks), 'before it is a stall').toMatch(
    /^refused (not_stalled|no_transition)$/,
  )
  await stalled(operator, thief.hostId)

  await proveAgain(operator)
  const force = await actByPage(pages.host, machine, { words: 'Force the transition', patch: 'lp_killable' })
  const signatures = `/api/v1/authorisations/${force.id}/signatures`
  const signature = await signText(ada, force.payload, 1)
  const byRequester = await operator.api.post(signatures, { data: signature })
  expect(byRequester.status(), 'whoever asks does not approve').toBe(403)
  await approveByPage(pages.ada, ada, force)
  expect(await commandOf(operator, force), 'one is not enough').toMatchObject({ state: 'waiting' })
  expect(await livepatchFiles(machine, 'lp_killable')).toEqual(inTransition)
  await approveByPage(pages.bob, bob, force)
  expect(await endOf(operator, force)).toMatchObject({ state: 'done' })
  expect(await endOf(operator, enable)).toMatchObject({ state: 'done' })
  expect(await livepatchFiles(machine, 'lp_killable')).toEqual({ enabled: true, transition: false })
  expect((await machine.exec(['dmesg'])).stdout).toContain('forcing remaining tasks')

  const before = await kernelText(machine)
  const artefact = await upload(operator, machine, 'lp_target')
  const load = await tryToAsk(operator, { action: 'load', artefact, hosts: [{ id: thief.hostId }] })
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

async function loadAfterRestart(machine: Machine, id: string): Promise<void> {
  await machine.spawn(['rebootless-agent', 'run'])
  const artefact = await upload(operator, machine, 'lp_target')
  const load = await askWhenPossible(operator, { action: 'load', artefact, hosts: [{ id }] })
  await approve(ada, load)
  expect(await endOf(operator, load)).toMatchObject({ state: 'done' })
  expect(await livepatchFiles(machine, 'lp_target')).toEqual({ enabled: true, transition: false })
  await machine.powerOff()
}
