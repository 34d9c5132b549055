// Goal: from a real kernel to the page. Method: the bundled agent in a guest, over mutual TLS to the real program on the
// host, and a browser on that host's page; what the kernel does is asked of the kernel, what a person sees of the page.
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, expect, type Page } from '@playwright/test'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { browserLaunchOptions } from '../browser.ts'
import { type Program, startProgram } from '../program.ts'
import { KERNELS } from './lab/kernel-tree.ts'
import { transitionEnds } from './lab/livepatch.ts'
import type { Machine } from './lab/machine.ts'
import { withMachine } from './lab/with-machine.ts'

const AGENT = fileURLToPath(new URL('../../server/dist/agent.mjs', import.meta.url))
const PASSWORD = 'correct horse battery staple'
/** How the guest reaches the host's loopback: QEMU's user networking. */
const HOST_FROM_GUEST = '10.0.2.2'
const NAMED_WITHIN_MS = 5_000
const COMPLETE_ON_PAGE_WITHIN_MS = 2_000

let program: Program
let browser: Browser

beforeAll(async () => {
  program = await startProgram({ REBOOTLESS_ADMIN_PASSWORD: PASSWORD, REBOOTLESS_RECORDED_HOSTS: '0' })
  browser = await chromium.launch(await browserLaunchOptions())
})

afterAll(async () => {
  await browser?.close()
  await program?.remove()
})

describe.each(KERNELS)('Linux %s', (kernel) => {
  test('a patch, a stall with its culprit, its release, a removal, a stack of two, and a cumulative replace', async () => {
    // A run that is repeated after a crash of the emulator enrols another host.
    await withMachine({ kernel, agentBundle: AGENT, hostname: `guest-${kernel}` }, async (machine) => {
      const page = await browser.newPage({ baseURL: program.address })
      try {
        const agent = await enrolAndRun(machine, page)
        await cleanPatch(machine, page)
        await lateTaskIsNotCalledBlocking(machine, page)
        await stallAndRelease(machine, page)
        await disable(machine, page)
        await stackOfTwoAndReplace(machine, page)
        const { stderr } = await machine.output(agent)
        expect(stderr, 'the agent was never cut off').not.toMatch(/not connected/)
        await machine.powerOff()
      } finally {
        await page.close()
      }
    })
  })
})

const main = (page: Page) => page.getByRole('main')

/** Until the page says so, and at most so long after `since`. */
const shows = (page: Page, text: string | RegExp, since: number, withinMs: number) =>
  expect(main(page), `shown within ${withinMs} ms`).toContainText(text, {
    timeout: Math.max(1, since + withinMs - Date.now()),
  })

async function tab(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'This host' }).getByRole('link', { name }).click()
}

async function enrolAndRun(machine: Machine, page: Page): Promise<number> {
  const headers = { Origin: program.address }
  await page.request.post('/api/v1/session', { data: { username: 'admin', password: PASSWORD }, headers })
  const issued = await page.request.post('/api/v1/enrolment-tokens', { data: {}, headers })
  const { token } = await issued.json()
  const server = `https://${HOST_FROM_GUEST}:${new URL(program.agentAddress).port}`
  const enrolled = await machine.exec(['rebootless-agent', 'enrol', '--server', server, '--token', token])
  expect(enrolled.code, enrolled.stderr).toBe(0)
  const agent = await machine.spawn(['rebootless-agent', 'run'], { unit: 'rebootless-agent' })

  // Newest last: a repeated run has the host of the failed one beside it, which is no longer connected.
  await expect
    .poll(async () => (await connectedHost(page, machine.hostname))?.state, { timeout: 60_000 })
    .toBe('exposed')
  const host = await connectedHost(page, machine.hostname)
  await page.goto(`/hosts/${host?.id}`)
  await expect(main(page)).toContainText(machine.release)
  return agent
}

async function connectedHost(page: Page, name: string): Promise<{ id: string; state: string } | undefined> {
  const response = await page.request.get('/api/v1/hosts', { params: { filter: `name:${name}` } })
  const { items } = await response.json()
  return items.find((host: { connected: boolean }) => host.connected)
}

async function cleanPatch(machine: Machine, page: Page): Promise<void> {
  await machine.insmod('lp_simple')
  await transitionEnds(machine, 'lp_simple')
  await shows(page, 'Patched for', Date.now(), COMPLETE_ON_PAGE_WITHIN_MS)
  await expect(main(page)).toContainText('lp_simple')
  await tab(page, 'Functions')
  await expect(main(page)).toContainText('cmdline_proc_show')
  const map = await hostAnswer(page, 'redirections')
  expect(map.objects[0].functions[0]).toMatchObject({ reached: 'lp_simple', ftrace: 'confirmed' })
}

async function lateTaskIsNotCalledBlocking(machine: Machine, page: Page): Promise<void> {
  await machine.insmod('lptarget')
  const reader = await machine.spawnReader({ path: '/proc/lpt/late', name: 'late-reader', repeat: true })
  let over = false
  const blocking = new Set<string>()
  const watching = (async () => {
    while (!over) {
      const { transition } = await hostAnswer(page, 'transition')
      for (const task of transition?.blocking ?? []) blocking.add(task.comm)
    }
  })()
  try {
    await machine.insmod('lp_late')
    await transitionEnds(machine, 'lp_late')
    await expect
      .poll(async () => patchState(await hostAnswer(page, ''), 'lp_late'), { timeout: COMPLETE_ON_PAGE_WITHIN_MS })
      .toBe('applied')
  } finally {
    over = true
    await watching
  }
  expect([...blocking], 'a task that is only late').toEqual([])
  await machine.kill(reader, 'SIGKILL')
}

async function stallAndRelease(machine: Machine, page: Page): Promise<void> {
  await tab(page, 'Transition')
  await machine.spawnReader({
    ...{ path: '/proc/lpt/wait_killable', name: 'db-writer', thread: 'worker-3', unit: 'db-writer' },
  })
  await expect
    .poll(async () => (await machine.exec(['sh', '-c', 'cat /proc/[0-9]*/task/*/wchan'])).stdout)
    .toContain('lpt_wait_killable')
  await machine.insmod('lp_killable')
  const loadedAt = Date.now()
  await shows(page, 'worker-3', loadedAt, NAMED_WITHIN_MS)
  await expect(main(page)).toContainText('lpt_wait_killable')
  await expect(main(page)).toContainText('db-writer.service')
  await expect(main(page)).toContainText('Stalled for')
  const { transition } = await hostAnswer(page, 'transition')
  expect(transition.blocking.map((task: { comm: string }) => task.comm)).toEqual(['worker-3'])
  expect(transition.blocking[0]).toMatchObject({ heldFunction: 'lpt_wait_killable', systemCall: 'read' })

  await machine.write('/proc/lpt/ctl', 'release\n')
  await transitionEnds(machine, 'lp_killable')
  await shows(page, 'Patched for', Date.now(), COMPLETE_ON_PAGE_WITHIN_MS)
}

async function disable(machine: Machine, page: Page): Promise<void> {
  await tab(page, 'Patches')
  await machine.write('/sys/kernel/livepatch/lp_killable/enabled', '0\n')
  await transitionEnds(machine, 'lp_killable', 'gone')
  await expect
    .poll(async () => patchState(await hostAnswer(page, ''), 'lp_killable'), { timeout: COMPLETE_ON_PAGE_WITHIN_MS })
    .toBe('disabled')
  await expect(main(page)).toContainText('Disabled')
}

async function stackOfTwoAndReplace(machine: Machine, page: Page): Promise<void> {
  await machine.insmod('lp_target')
  await transitionEnds(machine, 'lp_target')
  await expect
    .poll(async () => patchState(await hostAnswer(page, ''), 'lp_target'), { timeout: COMPLETE_ON_PAGE_WITHIN_MS })
    .toBe('applied')
  const before = await hostAnswer(page, '')
  const order = (name: string) => before.stack.find((patch: { name: string }) => patch.name === name).order
  expect(order('lp_target')).toBeGreaterThan(order('lp_simple'))

  await machine.insmod('lp_replace')
  await transitionEnds(machine, 'lp_replace')
  await transitionEnds(machine, 'lp_target', 'gone')
  const states = async () => {
    const after = await hostAnswer(page, '')
    return [after.state, ...['lp_simple', 'lp_target', 'lp_replace'].map((name) => patchState(after, name))]
  }
  await expect
    .poll(states, { timeout: COMPLETE_ON_PAGE_WITHIN_MS })
    .toEqual(['patched', 'superseded', 'superseded', 'applied'])
  await expect(main(page)).toContainText('Superseded')
}

const hostAnswer = async (page: Page, part: '' | 'transition' | 'redirections') => {
  const id = new URL(page.url()).pathname.split('/').at(-1)
  const response = await page.request.get(`/api/v1/hosts/${id}${part === '' ? '' : `/${part}`}`)
  return await response.json()
}

const patchState = (host: { stack: { name: string; state: string }[] }, name: string) =>
  host.stack.find((patch) => patch.name === name)?.state
