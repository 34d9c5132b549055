// Goal: a host that kpatch patches is told as one truth from two sides. Method: the tool itself, as Debian packages it, on
// real kernels; it installs and loads real livepatches, and then somebody goes behind its back. The agent runs the tool in
// the guest; asked are the program's answers and a person's page.
import { expect, type Page } from '@playwright/test'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { DEBIAN_SERIES } from './lab/kernel-tree.ts'
import { kpatchTool } from './lab/kpatch-tool.ts'
import { transitionEnds } from './lab/livepatch.ts'
import type { Machine } from './lab/machine.ts'
import { withMachine } from './lab/with-machine.ts'
import { AGENT, enrolAndRun, hostDetail, type Live, main, startLive, tab } from './live-host.ts'

/**
 * In a transition the tool starts some processes for each thread of the host, which an emulated CPU takes many seconds for;
 * the agent then lets it rest ten times as long.
 */
const TOLD_WITHIN_MS = 180_000

let live: Live

beforeAll(async () => {
  live = await startLive()
})

afterAll(() => live?.end())

describe.each(DEBIAN_SERIES)('Linux %s', (kernel) => {
  test('kpatch and sysfs tell of one patch, of a stall, and of what was done behind the tool', async () => {
    const options = { kernel, agentBundle: AGENT, hostname: `kpatch-${kernel}`, ...(await kpatchTool()) }
    await withMachine(options, async (machine) => {
      const page = await live.browser.newPage({ baseURL: live.program.address })
      try {
        await enrolAndRun(live, machine, page)
        await onePatchFromBothSides(machine, page)
        await stall(machine, page)
        await takenOutByHand(machine, page)
        await machine.powerOff()
      } finally {
        await page.close()
      }
    })
  })
})

async function kpatch(machine: Machine, ...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await machine.exec(['kpatch', ...words])
  expect(code, stderr).toBe(0)
  return stdout
}

/** What kpatch is said to know of a patch, beside what sysfs shows of it. */
async function bothSides(page: Page, name: string) {
  const { stack, providers, providerReports, disagreements } = await hostDetail(page)
  const report = providerReports.find((one) => one.name === 'kpatch')
  return {
    providers: [...providers].sort(),
    inSysfs: stack.filter((patch) => patch.name === name).map((patch) => [patch.state, ...patch.providers]),
    byTool: report?.patches?.filter((patch) => patch.name === name).map((patch) => [patch.state, patch.atNextBoot]),
    disagreements: disagreements.map(({ provider, subject }) => [provider, subject]),
  }
}

async function onePatchFromBothSides(machine: Machine, page: Page): Promise<void> {
  const version = (await kpatch(machine, 'version')).trim()
  // It ends with what systemctl says, and there is none here; what that would do, the guest's files have done.
  const installed = await machine.exec(['kpatch', 'install', '/lib/lab/modules/lp_simple.ko'])
  expect(installed.stdout).toBe(`installing /lib/lab/modules/lp_simple.ko (${machine.release})\n`)
  expect(await kpatch(machine, 'load', 'lp_simple')).toContain('loading patch module: /var/lib/kpatch/')
  await expect
    .poll(() => bothSides(page, 'lp_simple'), { timeout: TOLD_WITHIN_MS })
    .toEqual({
      providers: ['kpatch', 'livepatch'],
      inSysfs: [['applied', 'kpatch']],
      byTool: [['applied', true]],
      disagreements: [],
    })
  const { providerReports } = await hostDetail(page)
  expect(providerReports.find((one) => one.name === 'kpatch')).toMatchObject({ version, active: true, troubles: [] })

  await expect(main(page).getByRole('heading', { name: 'lp_simple' })).toHaveCount(1)
  await tab(page, 'Provider')
  await expect(main(page)).toContainText('lp_simple [enabled]')
  await expect(main(page)).toContainText(`lp_simple (${machine.release})`)
  await expect(main(page)).toContainText('Patch information for /var/lib/kpatch/')
}

async function stall(machine: Machine, page: Page): Promise<void> {
  await machine.insmod('lptarget')
  const reader = await machine.spawnReader({
    ...{ path: '/proc/lpt/wait_killable', name: 'db-writer', thread: 'worker-3', unit: 'db-writer' },
  })
  await expect
    .poll(async () => (await machine.exec(['sh', '-c', 'cat /proc/[0-9]*/task/*/wchan'])).stdout)
    .toContain('lpt_wait_killable')
  // Not by the tool, which turns a stall round after 75 s, when a slow machine may not have asked it yet.
  await machine.insmod('lp_killable')
  const told = async () => {
    const { providerReports } = await hostDetail(page)
    const report = providerReports.find((one) => one.name === 'kpatch')
    return {
      inProgress: report?.inProgress,
      states: report?.patches?.flatMap(({ name, state }) => (name === 'lp_killable' ? [state] : [])),
      // The tool names a thread; its process, db-writer, is another number.
      blockers: report?.blockers.some(({ pid, tid, comm, stack }) => {
        const isThread = pid !== null && tid !== null && pid < tid && comm === 'worker-3'
        return isThread && stack.some((frame) => frame.includes('lpt_wait_killable'))
      }),
    }
  }
  await expect
    .poll(told, { timeout: TOLD_WITHIN_MS })
    .toEqual({ inProgress: true, states: ['patching'], blockers: true })

  await machine.write('/proc/lpt/ctl', 'release\n')
  await machine.wait(reader)
  // The tool lists it, but has not installed it: the next boot comes without it.
  await expect
    .poll(() => bothSides(page, 'lp_killable'), { timeout: TOLD_WITHIN_MS })
    .toMatchObject({ inSysfs: [['applied', 'kpatch']], byTool: [['applied', false]], disagreements: [] })
}

async function takenOutByHand(machine: Machine, page: Page): Promise<void> {
  await machine.write('/sys/kernel/livepatch/lp_simple/enabled', '0\n')
  await transitionEnds(machine, 'lp_simple', 'gone')
  await machine.rmmod('lp_simple')
  await expect
    .poll(() => bothSides(page, 'lp_simple'), { timeout: TOLD_WITHIN_MS })
    .toMatchObject({ byTool: [['not_loaded', true]], disagreements: [['kpatch', 'lp_simple']] })
  await expect(main(page)).toContainText('Why do these disagree?')
  await expect(main(page)).toContainText('/sys/kernel/livepatch has no lp_simple')

  // What the tool would do at the next boot makes it one truth again.
  await kpatch(machine, 'load', '--all')
  await expect
    .poll(() => bothSides(page, 'lp_simple'), { timeout: TOLD_WITHIN_MS })
    .toMatchObject({ inSysfs: [['applied', 'kpatch']], byTool: [['applied', true]], disagreements: [] })
}
