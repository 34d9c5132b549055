// Goal: a full disk is told before, in an alert on the page, and while it is full, by /readyz; nothing is acknowledged that is not
// stored, and room is enough to go on. Method: the built program with its data directory on a small file system, filled and emptied.
import path from 'node:path'
import { chromium } from '@playwright/test'
import { type ProgramUnderTest, startProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { expect, test } from 'vitest'
import { browserLaunchOptions } from '../browser.ts'
import { startBareHosts } from './bare-hosts-under-test.ts'
import { followEvents } from './event-follower.ts'
import { beginFault, secondsSince, until } from './fault.ts'
import { mountSmallDisk } from './small-disk.ts'
import { measureWhatIsKept } from './what-is-kept.ts'
import { startWriter } from './writer.ts'

const MEBIBYTE = 1024 * 1024
const DISK_BYTES = 1024 * MEBIBYTE
const HOSTS = 20
const BACK_S_MAX = 60

const TOLD = 'The disk of the data folder is nearly full'

/** Rejects when the page of alerts does not tell it to somebody who is signed in. */
const toldOnPage = async (program: ProgramUnderTest): Promise<void> => {
  const browser = await chromium.launch(await browserLaunchOptions())
  try {
    const context = await browser.newContext()
    const cookies = program.cookie.split('; ').map((pair) => pair.split(/=(.*)/s))
    await context.addCookies(cookies.map(([name = '', value = '']) => ({ name, value, url: program.address })))
    const page = await context.newPage()
    await page.goto(`${program.address}/alerts`)
    await page.getByRole('main').getByText(TOLD).first().waitFor({ timeout: 60_000 })
  } finally {
    await browser.close()
  }
}

test('disk-full', async ({ skip }) => {
  const disk = await mountSmallDisk(DISK_BYTES)
  if (disk === undefined) return skip('this user may not mount a file system (mount(8)): run it as root')
  const fault = beginFault(
    'disk-full',
    'an alert tells when a disk is nearly full; when it is, /readyz answers 503 and says what to do, nothing is acknowledged that is ' +
      `not stored, and with room the program takes writes again within ${BACK_S_MAX} s without a restart.`,
  )
  const { measured, reached, report, inTheEnd, step } = fault
  inTheEnd(disk.remove)
  const program = await startProgramUnderTest(0, { quiet: true, dataDirectory: path.join(disk.folder, 'data') })
  inTheEnd(program.stop)
  const { pid } = program
  const hosts = await startBareHosts(program, HOSTS)
  inTheEnd(hosts.stop)
  const follower = await followEvents(program)
  inTheEnd(follower.stop)
  const writer = await startWriter(program, hosts.ids)
  inTheEnd(writer.stop)
  const ready = async () => {
    const answer = await fetch(`${program.address}/readyz`)
    return { status: answer.status, text: await answer.text() }
  }
  await program.ask('PATCH', '/api/v1/alert-rules/disk-full', { forSeconds: 0 })
  await disk.fill(60 * MEBIBYTE)
  await toldOnPage(program)
  expect((await ready()).status, 'while there is some room').toBe(200)
  step('nearly full, and told')

  await disk.fill(0)
  const fullAt = performance.now()
  await until('/readyz says so', async () => (await ready()).status === 503)
  measured('full, until /readyz says so', 's', secondsSince(fullAt), 10)
  expect((await ready()).text).toMatch(/disk of .* is full|database does not answer/)
  // Until writes are refused in earnest; what the log of changes has room for is stored, and acknowledged rightly.
  const before = writer.refused()
  await until('writes are refused', async () => {
    await disk.fill(0)
    return writer.refused() > before + 5
  })
  const refused = writer.refused() - before
  step('full, and writes are refused')

  await disk.free()
  const freeAt = performance.now()
  await until('it is ready', async () => (await ready()).status === 200)
  measured('room again, until /readyz says so', 's', secondsSince(freeAt), BACK_S_MAX)
  await writer.more(1)
  measured('room again, until writes are taken', 's', secondsSince(freeAt), BACK_S_MAX)
  reached('writes refused while it was full', '', refused, 5)
  measured('ends of the program', '', Number(program.pid !== pid || program.ended() !== undefined), 0)
  await measureWhatIsKept(fault, { program, writer, follower })
  measured('agents that lost their link for good', '', HOSTS - (await hosts.connected()), 0)
  report.note(`A tmpfs of ${DISK_BYTES / MEBIBYTE} MiB.`)
  expect(await report.end()).toBe(true)
})
