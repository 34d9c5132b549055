// Goal: a full disk is told before, by an alert, and while it is full, by /readyz and by each refusal; nothing is acknowledged that is not
// stored, and room is enough to go on. Method: the built program with its data folder, and so its database, on a small file system that is
// filled: first so that tables cannot grow, then so that PostgreSQL's log of changes cannot, which ends the server.
import path from 'node:path'
import { startProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { AlertList } from '@rebootless/shared/contract/alerts.ts'
import { Problem } from '@rebootless/shared/contract/problem.ts'
import pg from 'pg'
import { expect, test } from 'vitest'
import { superuserOf } from '../superuser.ts'
import { beginFault, secondsSince, until } from './fault.ts'
import { mountSmallDisk } from './small-disk.ts'
import { underLoad } from './under-load.ts'
import { measureWhatIsKept } from './what-is-kept.ts'

const MEBIBYTE = 1024 * 1024
/** A start asks for 512 MiB. */
const DISK_BYTES = 1024 * MEBIBYTE
/** Below the tenth at which the alert fires, above what /readyz asks for. */
const LITTLE_BYTES = 60 * MEBIBYTE
const HOSTS = 20
const TOLD_S_MAX = 10
const BACK_S_MAX = 60
const REFUSALS = 20

test('disk-full', async ({ skip }) => {
  const disk = await mountSmallDisk(DISK_BYTES)
  if (typeof disk === 'string') return skip(`no file system can be mounted here, which root may: ${disk}`)
  const fault = beginFault(
    'disk-full',
    'an alert tells when a disk is nearly full; when it is, /readyz answers 503 and says so, and each refused write 503; nothing is ' +
      `acknowledged that is not stored; with room the program takes writes again within ${BACK_S_MAX} s, without a restart.`,
  )
  const { measured, reached, report, inTheEnd, step } = fault
  inTheEnd(disk.remove)
  const program = await startProgramUnderTest(0, { quiet: true, dataDirectory: path.join(disk.folder, 'data') })
  inTheEnd(program.stop)
  const { pid } = program
  const superuser = await superuserOf(program.dataDirectory)
  const { hosts, follower, writer } = await underLoad(fault, program, HOSTS)
  const ready = async () => {
    const answer = await fetch(`${program.address}/readyz`)
    return { status: answer.status, text: await answer.text() }
  }
  const untilTold = () => until('/readyz says so', async () => (await ready()).text.includes('disk of'))
  /** Filled again and again, since PostgreSQL lets go of some of it. */
  const untilRefused = async (): Promise<number> => {
    const before = writer.refused()
    await until('writes are refused', async () => {
      await disk.fill()
      return writer.refused() >= before + REFUSALS
    })
    return writer.refused() - before
  }
  /** What a write is told now; nothing when it is taken. */
  const refusal = async (): Promise<string> => {
    const answer = await fetch(`${program.address}/api/v1/authorisations`, {
      method: 'POST',
      headers: { cookie: program.cookie, origin: program.address, 'content-type': 'application/json' },
      body: JSON.stringify({ action: 'refresh', reason: 'a full disk', hosts: [{ id: hosts.ids[0] }] }),
    })
    const text = await answer.text()
    return answer.ok ? '' : Problem.parse(JSON.parse(text)).detail
  }
  const untilBack = async (what: string) => {
    await disk.free()
    const freeAt = performance.now()
    await until('it is ready', async () => (await ready()).status === 200)
    await writer.more(1)
    measured(`${what}: room again, until writes are taken`, 's', secondsSince(freeAt), BACK_S_MAX)
    step(`${what}: back`)
  }

  // What it waits for by default, a minute, is the rule's own matter.
  await program.ask('PATCH', '/api/v1/alert-rules/disk-full', { forSeconds: 0 })
  await writer.more(3)
  const alerts = async () => AlertList.parse(await (await program.ask('GET', '/api/v1/alerts?rule=disk-full')).json())
  expect((await alerts()).items, 'while there is room').toEqual([])
  await disk.leave(LITTLE_BYTES)
  const littleAt = performance.now()
  await until('an alert tells', async () => (await alerts()).items.length > 0)
  measured('nearly full, until an alert tells', 's', secondsSince(littleAt), TOLD_S_MAX)
  expect((await ready()).status, 'while there is some room').toBe(200)
  step('nearly full, and told')

  await disk.fill()
  const fullAt = performance.now()
  await untilTold()
  measured('full, until /readyz says so', 's', secondsSince(fullAt), TOLD_S_MAX)
  const noTable = await untilRefused()
  await until('a refusal says that it is the disk', async () => {
    await disk.fill()
    return /disk of the server is full/.test(await refusal())
  })
  const pages = await program.ask('GET', '/api/v1/hosts').then(
    () => 0,
    () => 1,
  )
  measured('tables cannot grow: pages that were not answered', '', pages, 0)
  reached('tables cannot grow: writes refused', '', noTable, REFUSALS)
  await untilBack('tables cannot grow')

  // Each new piece of the log of changes is a file; those that were kept for use again are used up one by one.
  await disk.fill()
  const administrator = new pg.Client(superuser)
  let isCut = false
  administrator
    .on('error', () => undefined)
    .on('end', () => {
      isCut = true
    })
  await administrator.connect()
  await until('the server ends', async () => {
    await disk.fill()
    const piece = `select pg_logical_emit_message(true, 'fault', 'x'), pg_switch_wal()`
    await administrator.query(piece).catch(() => undefined)
    return isCut
  })
  step('the log of changes cannot grow, and PostgreSQL has ended')
  await untilTold()
  const noLog = await untilRefused()
  expect((await ready()).text).toMatch(/The disk of .* is full/)
  reached('the log of changes cannot grow: writes refused', '', noLog, REFUSALS)
  await untilBack('the log of changes cannot grow')

  measured('ends of the program', '', Number(program.pid !== pid || program.ended() !== undefined), 0)
  const unclear = [...writer.refusals()].filter(([words]) => !words.endsWith('was answered 503'))
  for (const [words, times] of unclear) step(`refused otherwise, ${times} times: ${words}`)
  measured('refusals other than "not ready"', '', unclear.length, 0)
  await measureWhatIsKept(fault, { program, writer, follower })
  measured('agents that lost their link for good', '', HOSTS - (await hosts.connected()), 0)
  const { refused } = await hosts.tally()
  console.log(`ends of links: ${JSON.stringify(refused)}; refusals: ${JSON.stringify([...writer.refusals()])}`)
  measured('agents that were told of an internal error', '', refused.internal ?? 0, 0)
  report.note(`A tmpfs of ${DISK_BYTES / MEBIBYTE} MiB; ${HOSTS} agents.`)
  expect(await report.end()).toBe(true)
})
