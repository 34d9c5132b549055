// Goal: from a real kernel to the page. Method: the bundled agent in a guest, over mutual TLS to the real program on the
// host, and a browser on that host's page; what the kernel does is asked of the kernel, what a person sees of the page.
import { setTimeout as delay } from 'node:timers/promises'
import { expect, type Page } from '@playwright/test'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { KERNELS } from './lab/kernel-tree.ts'
import { transitionEnds } from './lab/livepatch.ts'
import type { Machine } from './lab/machine.ts'
import { withMachine } from './lab/with-machine.ts'
import {
  AGENT,
  enrolAndRun,
  hostDetail,
  hostPart,
  type Live,
  main,
  NAMED_WITHIN_MS,
  patchState,
  SHOWN_WITHIN_MS,
  shows,
  startLive,
  tab,
} from './live-host.ts'

let live: Live

beforeAll(async () => {
  live = await startLive()
})

afterAll(() => live?.end())

describe.each(KERNELS)('Linux %s', (kernel) => {
  test('a patch, a stall with its culprit, its release, a removal, a stack of two, and a cumulative replace', async () => {
    // A run that is repeated after a crash of the emulator enrols another host.
    await withMachine({ kernel, agentBundle: AGENT, hostname: `guest-${kernel}` }, async (machine) => {
      const page = await live.browser.newPage({ baseURL: live.program.address })
      try {
        const agent = await enrolAndRun(live, machine, page)
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

async function cleanPatch(machine: Machine, page: Page): Promise<void> {
  await machine.insmod('lp_simple')
  await transitionEnds(machine, 'lp_simple')
  await shows(page, 'Patched for', Date.now(), SHOWN_WITHIN_MS)
  await expect(main(page)).toContainText('lp_simple')
  await tab(page, 'Functions')
  await expect(main(page)).toContainText('cmdline_proc_show')
  const map = await hostPart(page, '/redirections')
  expect(map.objects[0].functions[0]).toMatchObject({ reached: 'lp_simple', ftrace: 'confirmed' })
}

async function lateTaskIsNotCalledBlocking(machine: Machine, page: Page): Promise<void> {
  await machine.insmod('lptarget')
  const reader = await machine.spawnReader({ path: '/proc/lpt/late', name: 'late-reader', repeat: true })
  let over = false
  const blocking = new Set<string>()
  const watching = (async () => {
    while (!over) {
      const { transition } = await hostPart(page, '/transition')
      for (const task of transition?.blocking ?? []) blocking.add(task.comm)
      // An agent samples each second; without a pause the server has enough of us and answers nobody.
      await delay(100)
    }
  })()
  try {
    await machine.insmod('lp_late')
    await transitionEnds(machine, 'lp_late')
    await expect
      .poll(async () => patchState(await hostDetail(page), 'lp_late'), { timeout: SHOWN_WITHIN_MS })
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
  const { transition } = await hostPart(page, '/transition')
  expect(transition.blocking.map((task: { comm: string }) => task.comm)).toEqual(['worker-3'])
  expect(transition.blocking[0]).toMatchObject({ heldFunction: 'lpt_wait_killable', systemCall: 'read' })

  await machine.write('/proc/lpt/ctl', 'release\n')
  await transitionEnds(machine, 'lp_killable')
  await shows(page, 'Patched for', Date.now(), SHOWN_WITHIN_MS)
}

async function disable(machine: Machine, page: Page): Promise<void> {
  await tab(page, 'Patches')
  await machine.write('/sys/kernel/livepatch/lp_killable/enabled', '0\n')
  await transitionEnds(machine, 'lp_killable', 'gone')
  await expect
    .poll(async () => patchState(await hostDetail(page), 'lp_killable'), { timeout: SHOWN_WITHIN_MS })
    .toBe('disabled')
  await expect(main(page)).toContainText('Disabled')
}

async function stackOfTwoAndReplace(machine: Machine, page: Page): Promise<void> {
  await machine.insmod('lp_target')
  await transitionEnds(machine, 'lp_target')
  await expect
    .poll(async () => patchState(await hostDetail(page), 'lp_target'), { timeout: SHOWN_WITHIN_MS })
    .toBe('applied')
  const before = await hostDetail(page)
  const order = (name: string) => before.stack.find((patch) => patch.name === name)?.order ?? 0
  expect(order('lp_target')).toBeGreaterThan(order('lp_simple'))

  await machine.insmod('lp_replace')
  await transitionEnds(machine, 'lp_replace')
  await transitionEnds(machine, 'lp_target', 'gone')
  const states = async () => {
    const after = await hostDetail(page)
    return [after.state, ...['lp_simple', 'lp_target', 'lp_replace'].map((name) => patchState(after, name))]
  }
  await expect.poll(states, { timeout: SHOWN_WITHIN_MS }).toEqual(['patched', 'superseded', 'superseded', 'applied'])
  await expect(main(page)).toContainText('Superseded')
}
