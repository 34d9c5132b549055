import { fileURLToPath } from 'node:url'
import { type Browser, chromium, expect, type Page } from '@playwright/test'
import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import { browserLaunchOptions } from '../browser.ts'
import { type Program, startProgram } from '../program.ts'
import { isBuiltArchitecture } from './lab/architectures.ts'
import { KERNELS } from './lab/kernel-tree.ts'
import type { Machine } from './lab/machine.ts'

export const AGENT = fileURLToPath(new URL('../../server/dist/agent.mjs', import.meta.url))
/** Promises of time are kept on x86-64. Another architecture's emulation is slower by a factor nobody knows beforehand. */
const PATIENCE = KERNELS.some(isBuiltArchitecture) ? 10 : 1
/** How long a page may take to show what the kernel has just become. */
export const SHOWN_WITHIN_MS = 2_000 * PATIENCE
/** How long it may take to name the task that holds a transition back, from the patch's load on. */
export const NAMED_WITHIN_MS = 5_000 * PATIENCE
const PASSWORD = 'correct horse battery staple'
/** How the guest reaches the host's loopback: QEMU's user networking. */
const HOST_FROM_GUEST = '10.0.2.2'

/** The program without any host, and a browser for its pages. */
export interface Live {
  readonly program: Program
  readonly browser: Browser
  end(): Promise<void>
}

export async function startLive(): Promise<Live> {
  const program = await startProgram({ REBOOTLESS_ADMIN_PASSWORD: PASSWORD, REBOOTLESS_RECORDED_HOSTS: '0' })
  const browser = await chromium.launch(await browserLaunchOptions())
  return {
    ...{ program, browser },
    async end() {
      await browser.close()
      await program.remove()
    },
  }
}

/** Signs in, makes the machine known to the program, starts its agent, and opens its page; answers the agent's pid. */
export async function enrolAndRun({ program }: Live, machine: Machine, page: Page): Promise<number> {
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

export const main = (page: Page) => page.getByRole('main')

/** Until the page says so, and at most so long after `since`. */
export const shows = (page: Page, text: string | RegExp, since: number, withinMs: number) =>
  expect(main(page), `shown within ${withinMs} ms`).toContainText(text, {
    timeout: Math.max(1, since + withinMs - Date.now()),
  })

export async function tab(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'This host' }).getByRole('link', { name }).click()
}

/** What the program answers about the host whose page is open. */
export const hostDetail = async (page: Page): Promise<HostDetail> => await hostPart(page, '')

export const hostPart = async (page: Page, part: '' | '/transition' | '/redirections') => {
  const id = new URL(page.url()).pathname.split('/').at(-1)
  const response = await page.request.get(`/api/v1/hosts/${id}${part}`)
  expect(response.status(), await response.text()).toBe(200)
  return await response.json()
}

export const patchState = (host: HostDetail, name: string) => host.stack.find((patch) => patch.name === name)?.state
