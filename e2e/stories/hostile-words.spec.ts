// Goal: whatever a host says, of itself, of its policy, of commands, or while it asks to be let in, is text on every page,
// in every export and in the command line (T04). Method: hosts on the real link without an agent to cut their words; pages
// at both widths; the files that pages offer, and `rebootless` on them as a process of its own.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type APIResponse, expect, type Page } from '@playwright/test'
import { createSystemClock } from '@rebootless/server/agent/kernel/system-clock.ts'
import { enrolByAsking, parseAuthorityFingerprint } from '@rebootless/server/agent/link/ask-to-be-let-in.ts'
import { enrol } from '@rebootless/server/agent/link/enrol.ts'
import { joinToken, withHostileHost } from '../hostile-host.ts'
import { hostileTalk } from '../hostile-messages.ts'
import type { Program } from '../program.ts'
import { expectHarmless, expectHarmlessAt, UNSEEN } from './harmless.ts'
import { story } from './story.ts'

let folder: string
story.beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rebootless-words-'))
})
story.afterAll(() => rm(folder, { recursive: true, force: true }))

/** What no file or terminal may be given raw, line ends aside. */
const RAW = new RegExp(UNSEEN, 'u')
const rawIn = (text: string) => JSON.stringify(text.replaceAll('\r\n', '\n').match(new RegExp(`.{0,40}${UNSEEN}`, 'u')))

const ask = async (page: Page, program: Program, fields: object): Promise<string> => {
  const answer: APIResponse = await page.request.post('/api/v1/authorisations', {
    data: { reason: 'the story asks for it', ...fields },
    headers: { Origin: program.address },
  })
  expect(answer.status(), await answer.text()).toBe(201)
  return (await answer.json()).id
}

const commandLine = (...args: string[]): Promise<{ status: number; said: string }> =>
  new Promise((resolve) => {
    const program = path.resolve(import.meta.dirname, '../../server/cli/main.ts')
    const child = execFile(process.execPath, ['--import', 'tsx', program, ...args], (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code), said: stdout + stderr }),
    )
    child.stdin?.on('error', () => undefined)
    child.stdin?.end('1\n')
  })

/** Two who wait without a token, and one whose token is of nobody: all are told of to people. */
const knock = async (page: Page, program: Program): Promise<() => void> => {
  const { authorityFingerprint } = await (await page.request.get('/api/v1/enrolment')).json()
  const stop = new AbortController()
  const clock = createSystemClock()
  for (const words of ['all', 'long'] as const) {
    const hostName = hostileTalk(words).name
    const dataDirectory = await mkdtemp(path.join(folder, 'waits-'))
    await new Promise<void>((resolve, reject) => {
      enrolByAsking({
        ...{ server: program.agentAddress, authorityPin: parseAuthorityFingerprint(authorityFingerprint) ?? '' },
        ...{ dataDirectory, hostName, clock, signal: stop.signal, onWaiting: () => resolve() },
      }).catch((error: Error) => (stop.signal.aborted ? undefined : reject(error)))
    })
    const [version, secret = '', pin] = (await joinToken(page, program)).split('.')
    const token = [version, `${secret.startsWith('A') ? 'B' : 'A'}${secret.slice(1)}`, pin].join('.')
    const refused = {
      server: program.agentAddress,
      dataDirectory,
      hostName,
      token,
      origin: 'agent',
      now: clock.now,
    } as const
    await expect(enrol(refused)).rejects.toThrow(/unknown, used, or past its end/)
  }
  return () => stop.abort()
}

const entriesOf = async (page: Page, action: string): Promise<number[]> => {
  const answer = await page.request.get('/api/v1/audit', { params: { action } })
  return (await answer.json()).items.map(({ sequence }: { sequence: number }) => sequence)
}

story(
  'T04 hostile policies, results and newcomers are text on every page, in the audit log, in its exports and at the command line',
  async ({ signedIn: page, program }) => {
    story.setTimeout(240_000)
    const on = { page, program }
    const stopKnocking = await knock(page, program)
    await withHostileHost({ ...on, words: 'long', hostClass: 'lab', outcome: 'refused' }, async (long) => {
      await withHostileHost({ ...on, words: 'all', hostClass: 'production', outcome: 'failed' }, async (guarded) => {
        await withHostileHost({ ...on, words: 'all', hostClass: 'lab', outcome: 'failed' }, async (free) => {
          const { transition } = await (await page.request.get(`/api/v1/hosts/${free}`)).json()
          const signal = (id: string) =>
            ask(page, program, { action: 'signal', patch: transition.patch, hosts: [{ id }] })
          const done = await signal(free)
          await ask(page, program, { action: 'refresh', hosts: [{ id: long }] })
          const waits = await signal(guarded)
          await expect.poll(async () => (await entriesOf(page, 'command.result')).length).toBe(2)

          for (const [address, shown] of [
            ['/', /Needs someone/],
            ['/hosts', /Stalled/],
            [`/hosts/${free}?tab=commands`, /Failed/],
            [`/hosts/${guarded}?tab=commands`, /Waiting/],
            [`/hosts/${long}?tab=commands`, /Refused/],
            ['/approvals', /the story asks for it/],
            [`/approvals/${done}`, /Tasks seen to block/],
            [`/approvals/${waits}`, /Tasks seen to block/],
            ['/audit', /command\.result/],
            ['/settings/enrolment', /Turn away/],
            ['/settings/people', /admin/],
            ['/settings/tokens', /token/i],
            ['/settings/account', /Where you are signed in/],
            ['/lab', /./],
          ] as const) {
            await story.step(address, () => expectHarmlessAt(page, address, shown))
          }
          for (const action of ['host.enrol', 'command.start', 'command.result', 'authorisation.request']) {
            for (const sequence of (await entriesOf(page, action)).slice(0, 4)) {
              await page.goto(`/audit?entry=${sequence}`)
              await expect(page.getByRole('dialog', { name: `Entry ${sequence}` })).toContainText(
                'Its place in the chain',
              )
              await expectHarmless(page)
            }
          }

          await page.setViewportSize({ width: 1440, height: 900 })
          await story.step('what opens on the pages', async () => {
            await page.goto(`/hosts/${free}?tab=commands`)
            await page.getByRole('list', { name: 'Commands' }).getByRole('button').first().click()
            await expect(page.getByRole('main')).toContainText('Code')
            await expectHarmless(page)
            await page.getByRole('main').getByRole('button', { name: 'Identity' }).click()
            await expect(page.getByRole('dialog')).toContainText('Quarantine')
            await expectHarmless(page)
            await page.goto(`/hosts/${guarded}`)
            await page.getByRole('main').getByRole('button', { name: 'Act', exact: true }).click()
            await expect(page.getByRole('dialog')).toBeVisible()
            await expectHarmless(page)
            await page.goto('/settings/enrolment')
            await page.getByRole('button', { name: 'Let in…' }).first().click()
            await expect(page.getByRole('dialog')).toContainText('The last eight characters')
            await expectHarmless(page)
          })

          await story.step('exports, and the command line on them', async () => {
            const table = await (await page.request.get('/api/v1/audit/export.csv')).text()
            expect(table).toContain('<script>')
            expect(rawIn(table)).toBe('null')
            // RFC 4180: cells in quotes, quotes doubled. None begins as a formula does (T13).
            expect(table.match(/(^|,)"[=+\-@\t\r]/m)).toBeNull()

            const log = await (await page.request.get('/api/v1/audit/export')).text()
            expect(rawIn(log)).toBe('null')
            const sound = path.join(folder, 'audit.ndjson')
            await writeFile(sound, log)
            expect(await commandLine('audit', 'verify', sound)).toMatchObject({ status: 0 })
            const falsified = path.join(folder, 'falsified.ndjson')
            await writeFile(falsified, log.replace('the story asks', 'nobody asks'))
            const named = path.join(folder, 'no \u001b[31m such \u202e file')
            const key = path.join(folder, 'approver.pem')
            expect(await commandLine('keygen', key)).toMatchObject({ status: 0 })
            const text = path.join(folder, 'request.json')
            await writeFile(text, (await (await page.request.get(`/api/v1/authorisations/${waits}`)).json()).payload)
            for (const [args, status] of [
              [['audit', 'verify', falsified], 1],
              [['audit', 'verify', named], 2],
              [['approve', text, '--key', key], 0],
              [['approve', sound, '--key', key], 1],
            ] as const) {
              const ran = await commandLine(...args)
              expect({ status: ran.status, raw: RAW.test(ran.said) }, ran.said).toEqual({ status, raw: false })
            }
          })
        })
      })
    })
    stopKnocking()
    expect(await readFile(path.join(folder, 'request.json'), 'utf8')).toContain('onerror')
  },
)
