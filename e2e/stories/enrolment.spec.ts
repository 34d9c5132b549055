// Goal: a host becomes known by one command and is told the truth when it does not. Method: the built agent as a
// process of its own, the page's dialog, tokens that are used, altered, malformed, foreign and past their end.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, type Page } from '@playwright/test'
import { freePort } from '@rebootless/server/process/free-port.ts'
import { type Ended, end, type Program, runBuilt, spawnBuilt } from '../program.ts'
import { story } from './story.ts'

let folder: string
story.beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rebootless-agent-'))
})
story.afterEach(() => rm(folder, { recursive: true, force: true }))

/** The agent's own words for a data directory of this name. */
const at = (name: string) => [
  '--data',
  path.join(folder, name),
  '--config',
  path.join(folder, 'there-is-no-agent.json'),
]
const agent = (name: string, ...words: string[]): Promise<Ended> => runBuilt('agent.mjs', [...words, ...at(name)])

const newToken = async (page: Page, program: Program, validMinutes = 60): Promise<string> => {
  const answer = await page.request.post('/api/v1/enrolment-tokens', {
    data: { validMinutes },
    headers: { Origin: program.address },
  })
  expect(answer.status(), await answer.text()).toBe(201)
  return (await answer.json()).token
}

story(
  'a host appears by the command of the page, is watched, falls silent and comes back',
  async ({ signedIn: page, program }) => {
    story.setTimeout(180_000)
    const hostName = `story-${randomBytes(4).toString('hex')}`
    const short = await newToken(page, program, 1)

    await page.goto('/hosts')
    await page.getByRole('button', { name: 'Add a host' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add a host' })
    const shown = dialog.getByText(/^rebootless-agent enrol /)
    await expect(shown).toBeVisible()
    const [command, ...words] = ((await shown.textContent()) ?? '').split(' ')
    expect(command).toBe('rebootless-agent')
    const enrolled = await agent('one', ...words, '--name', hostName)
    expect(enrolled).toMatchObject({
      code: 0,
      output: expect.stringMatching(/Enrolled as host [0-9a-f-]{36} at https:/),
    })
    await expect(dialog.getByRole('link', { name: hostName })).toBeVisible()
    await expect(dialog).toContainText('enrolled, its agent has not read it yet')
    await expect(dialog).toContainText('The command has served.')
    expect(await agent('one', 'status')).toMatchObject({ code: 0, output: expect.stringContaining('not running') })

    const { child } = spawnBuilt('agent.mjs', ['run', ...at('one')])
    try {
      await expect(dialog).toContainText('enrolled and read')
      const second = await agent('one', 'run')
      expect(second).toMatchObject({ code: 4, output: expect.stringContaining(`runs already on ${folder}/one`) })
      expect(second.output).toContain(`process ${child.pid}`)
      expect(await agent('one', 'status')).toMatchObject({ code: 0, output: expect.stringContaining('connected') })
      const again = await agent('one', ...words)
      expect(again).toMatchObject({ code: 1, output: expect.stringContaining('enrolled already') })
      const used = await agent('two', ...words)
      expect(used).toMatchObject({
        code: 5,
        output: expect.stringMatching(/join token is unknown, used, or past its end/),
      })

      await dialog.getByRole('link', { name: hostName }).click()
      const main = page.getByRole('main')
      await expect(main.getByRole('heading', { name: hostName }).first()).toBeVisible()
      await expect(main).not.toContainText('not connected')
      const state = main.getByText(/^(Unsupported|Exposed|Patched|Stale|Offline)( for|$)/).first()
      const first = (await state.textContent()) ?? ''
      // A host that needs a patch needs it still when it is silent; the others are not known to be well any more.
      const yields = /Unsupported|Patched/.test(first)

      child.kill('SIGSTOP')
      if (yields) await expect(state).toContainText('Stale', { timeout: 60_000 })
      await expect(main).toContainText('not connected', { timeout: 90_000 })
      if (yields) await expect(state).toContainText('Offline', { timeout: 60_000 })
      child.kill('SIGCONT')
      await expect(main).not.toContainText('not connected', { timeout: 60_000 })
      if (yields) await expect(state).not.toContainText('Offline')

      // A minute has gone by.
      const late = await agent('three', 'enrol', '--server', program.agentAddress, '--token', short)
      expect(late).toMatchObject({
        code: 5,
        output: expect.stringMatching(/join token is unknown, used, or past its end/),
      })

      await end(child, 'SIGKILL')
      await expect(main).toContainText('not connected')
    } finally {
      child.kill('SIGCONT')
      await end(child, 'SIGKILL')
    }
  },
)

story('what is wrong with a token or an address is said, and makes no host', async ({ signedIn: page, program }) => {
  const total = async (): Promise<number> => (await (await page.request.get('/api/v1/hosts')).json()).total
  const before = await total()
  const token = await newToken(page, program)
  const [version, secret, pin] = token.split('.')
  const altered = (part: string | undefined) => `${part?.startsWith('A') ? 'B' : 'A'}${part?.slice(1)}`
  const server = program.agentAddress
  const browserPort = program.address.replace('http:', 'https:')
  const nobody = `https://127.0.0.1:${await freePort()}`
  for (const [name, words, code, sentence] of [
    ['altered', { token: [version, altered(secret), pin].join('.') }, 5, /unknown, used, or past its end/],
    ['other server', { token: [version, secret, altered(pin)].join('.') }, 5, /not the one that made this token/],
    ['no token', { token: 'hunter2' }, 1, /This is not a join token: copy the whole command/],
    ['nobody there', { server: nobody }, 1, /No connection to 127\.0\.0\.1:\d+: .*Check the address, the port/],
    ["browsers' port", { server: browserPort }, 1, /No connection to 127\.0\.0\.1:\d+: .*Check the address, the port/],
    ['no address', { server: 'the server' }, 1, /"the server" is no address: write https:\/\/HOST:PORT/],
  ] as const) {
    const given = { server, token, ...words }
    const refused = await agent(name, 'enrol', '--server', given.server, '--token', given.token)
    expect(refused, name).toMatchObject({ code, output: expect.stringMatching(sentence) })
    expect(refused.output.trim().split('\n'), 'one sentence, no stack').toHaveLength(1)
    expect(await agent(name, 'run'), name).toMatchObject({ code: 3, output: expect.stringContaining('not enrolled') })
  }
  expect(await agent('wrong', 'enrol', '--server', server)).toMatchObject({
    code: 2,
    output: expect.stringContaining('enrol needs --server URL and --token T'),
  })
  expect(await total()).toBe(before)
  // None of them used it up.
  expect((await agent('right', 'enrol', '--server', server, '--token', token)).code).toBe(0)
  expect(await total()).toBe(before + 1)
})
