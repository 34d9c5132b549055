// Goal: files, the command line and the server agree, for whoever may; a script learns from the status what became of it.
// Method: the bundled program as a process, against a real backend that drives rollouts; the samples of the documents.
import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { RolloutFile } from '@rebootless/shared/contract/rollout-file.ts'
import { RolloutDetail } from '@rebootless/shared/contract/rollouts-api.ts'
import { documentToYaml } from '@rebootless/shared/domain/rollouts/document-yaml.ts'
import { readPlanYaml } from '@rebootless/shared/domain/rollouts/plan-yaml.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { setPassword } from '../bff/access/test-people.ts'
import { addTestHost, type TestHost } from '../bff/commands/test-fleet.ts'
import { type Person, production, type RequestBench, startRequestBench } from '../bff/commands/test-requests.ts'
import { eventually } from '../bff/link/link-test-bench.ts'
import { type CliBench, type Ran, startCliBench } from './test-cli.ts'

const parse = (text: string): unknown => {
  const read = readPlanYaml(text)
  return read.ok ? read.value : read.errors
}

let bench: RequestBench
let cli: CliBench
let operator: Person
let tokens: { operator: string; admin: string; viewer: string }
beforeAll(async () => {
  bench = await startRequestBench()
  cli = await startCliBench()
  operator = await bench.person('operator')
  const tokenOf = async (role: 'operator' | 'admin' | 'viewer') => {
    const answer = await bench.post(await bench.person(role), '/api/v1/tokens', { name: 'ci', role, validDays: 1 })
    return answer.json<{ token: string }>().token
  }
  tokens = { operator: await tokenOf('operator'), admin: await tokenOf('admin'), viewer: await tokenOf('viewer') }
})
afterAll(async () => {
  await cli.end()
  await bench.end()
})

const as = (role: keyof typeof tokens) => ({ REBOOTLESS_URL: bench.backend.url, REBOOTLESS_TOKEN: tokens[role] })
const run = (args: readonly string[], role: keyof typeof tokens = 'operator', input = ''): Promise<Ran> =>
  cli.run(args, as(role), input)

let group = 0
const bare = { livepatches: [], livepatchModules: [], memory: [], enabledFunctions: [] }
const hostOf = (labels: Record<string, string> = {}, policy = {}): Promise<TestHost> =>
  addTestHost(bench.kysely, { labels: { group: String(group), ...labels }, policy, snapshot: bare })
const rollout = (name: string, change: object = {}) =>
  documentToYaml(
    RolloutFile.parse({
      ...{ apiVersion: 'rebootless/v1', kind: 'Rollout', metadata: { name } },
      spec: {
        ...{ reason: 'CVE-2026-1', hosts: `label.group:${group}`, change: { kind: 'load', patches: [bench.artefact] } },
        ...{ waves: [{ name: 'all', share: { kind: 'rest' } }], ...change },
      },
    }),
  )
const policy = (name: string, requires: object) =>
  documentToYaml(
    RolloutFile.parse({
      ...{ apiVersion: 'rebootless/v1', kind: 'Policy', metadata: { name } },
      spec: { hosts: `label.group:${group}`, requires, reason: 'as agreed' },
    }),
  )
const read = async (id: string) => RolloutDetail.parse((await bench.read(operator, `/api/v1/rollouts/${id}`)).json())
const applied = async (file: string, ...more: string[]) => {
  const ran = await run(['apply', file, '--output', 'json', ...more])
  expect([ran.status, ran.said]).toEqual([0, ''])
  return JSON.parse(ran.out) as { id: string; result: string; phase: string }[]
}

describe('apply', () => {
  test('makes a rollout once, however often it is applied; a changed file is another', async () => {
    group += 1
    await hostOf()
    const file = await cli.file('once.yaml', rollout('once'))
    const [first] = await applied(file)
    const [again] = await applied(file, '--start')
    expect([first?.result, again?.result, again?.id]).toEqual(['made', 'unchanged and started', first?.id])
    expect((await read(first?.id ?? '')).phase).toBe('running')
    expect((await applied(file, '--start'))[0]?.result).toBe('unchanged')
    const changed = await cli.file('changed.yaml', rollout('once', { reason: 'another' }))
    expect((await applied(changed))[0]?.id).not.toBe(first?.id)
  })

  test('takes JSON, several documents and standard input; policies come first', async () => {
    group += 1
    await hostOf()
    const [plan, held] = [
      rollout('both', { waves: [{ name: 'all', share: { kind: 'rest' }, soakSeconds: 60 }] }),
      policy('both', { soakSecondsAtLeast: 60 }),
    ]
    const both = await run(['apply', '-'], 'admin', `${plan}---\n# why not\n${JSON.stringify(parse(held))}\n`)
    expect(both.status).toBe(0)
    expect(both.out.split('\n')[0]).toBe('Policy both made')
    expect(both.out).toMatch(/^Rollout both made: [0-9a-f-]{36}$/m)
    expect((await run(['apply', '-'], 'admin', held)).out).toBe('Policy both unchanged\n')
    expect((await run(['apply', '-'], 'operator', policy('both', { soakSecondsAtLeast: 61 }))).status).toBe(1)
  })

  test('--dry-run keeps nothing, says who would go, and fails where a policy bars it, as applying does', async () => {
    group += 1
    const host = await hostOf()
    const file = await cli.file('barred.yaml', rollout('barred'))
    const dry = await run(['apply', '--dry-run', file])
    expect([dry.status, dry.out]).toEqual([0, expect.stringContaining(`all: 1 host: ${host.name}`)])
    expect((await run(['get', 'rollouts'])).out).not.toContain('barred')
    await run(['apply', '-'], 'admin', policy('soaking', { soakSecondsAtLeast: 60 }))
    const barred = await run(['apply', '--dry-run', file])
    expect([barred.status, barred.out]).toEqual([
      1,
      expect.stringContaining('barred: Policy soaking, waves[0].soakSeconds'),
    ])
    expect(await run(['apply', file])).toMatchObject({
      status: 1,
      said: expect.stringContaining('Policy soaking, waves[0]'),
    })
  })

  test('every mistake of every file is told with its line, and nothing is sent', async () => {
    const good = await cli.file('good.yaml', rollout('good'))
    const bad = await cli.file(
      'bad.yaml',
      `${rollout('bad')}---\napiVersion: rebootless/v1\nkind: Policy\nmetadata: {name: Bad}\nspec:\n  hosts: 'colour:red'\n  reason: x\n  requires: {soak: 1}\n`,
    )
    const ran = await run(['apply', good, bad])
    const line = rollout('bad').split('\n').length
    expect(ran.status).toBe(1)
    expect(ran.said).toContain(`${bad}:${line + 3}: metadata.name`)
    expect(ran.said).toContain(`${bad}:${line + 5}: spec.hosts`)
    expect(ran.said).toContain(`${bad}:${line + 7}: spec.requires.soak`)
    expect((await run(['get', 'rollouts'])).out).not.toContain('good')
  })
})

test('diff shows what changed, and its status tells', async () => {
  group += 1
  await hostOf()
  const file = await cli.file('diff.yaml', rollout('diff'))
  expect(await run(['diff', file])).toMatchObject({ status: 1, out: expect.stringContaining('--- nothing is kept') })
  await applied(file)
  expect(await run(['diff', file])).toMatchObject({ status: 0, out: '' })
  const other = await cli.file('other.yaml', rollout('diff', { limits: { atOnce: 3 } }))
  const ran = await run(['diff', other])
  expect([ran.status, ran.out.match(/^[-+] .*$/gm)]).toEqual([1, ['-     atOnce: null', '+     atOnce: 3']])
  expect((await run(['diff', 'nowhere.yaml'])).status).toBe(2)
})

test('get: a rollout as a file is the file; lists for people and for programs; what is not there is 1', async () => {
  group += 1
  const host = await hostOf()
  const file = rollout('got', { windows: [{ timeZone: 'UTC', days: ['monday'], from: '22:00', to: '04:00' }] })
  const [made] = await applied(await cli.file('got.yaml', file))
  expect((await run(['get', 'rollout', 'got', '--as-file'], 'viewer')).out).toBe(file)
  expect((await run(['get', 'rollout', made?.id.slice(0, 13) ?? ''])).out).toContain('Nobody has started it.')
  expect(JSON.parse((await run(['get', 'hosts', `label.group:${group}`, '-o', 'json'])).out)).toMatchObject([
    { id: host.id },
  ])
  expect(parse((await run(['get', 'rollout', 'got', '-o', 'yaml'])).out)).toMatchObject({
    id: made?.id,
    phase: 'draft',
  })
  for (const what of ['patches', 'templates', 'policies'])
    expect([what, (await run(['get', what])).status]).toEqual([what, 0])
  expect(await run(['get', 'rollout', 'none'])).toMatchObject({
    status: 1,
    said: expect.stringContaining('get rollouts'),
  })
  expect(await run(['get', 'colours'])).toMatchObject({ status: 2, said: expect.stringContaining('rollouts') })
})

describe('watch', () => {
  test('prints the decisions and ends with the rollout', async () => {
    group += 1
    const agent = bench.linked(await hostOf())
    const [made] = await applied(await cli.file('watch.yaml', rollout('watch')), '--start')
    const watching = run(['watch', made?.id ?? '', '--json'])
    await eventually('the host was told', async () => agent.stub.effects.length === 1)
    await run(['pause', 'watch', '--reason', 'to see'])
    const ran = await watching
    const lines = ran.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect([ran.status, lines.flatMap(({ decision }) => decision?.kind ?? []).slice(0, 2)]).toEqual([
      3,
      ['started', 'wave begun'],
    ])
    expect(lines.at(-1)).toMatchObject({ phase: 'paused', sentence: expect.stringContaining('to see') })
    expect((await run(['watch', 'watch'])).out).toMatch(/Z {2}started: .+\n/)
  })

  test('says when the time is over, or the server is not there', async () => {
    group += 1
    await hostOf()
    await applied(await cli.file('slow.yaml', rollout('slow')))
    expect(await run(['watch', 'slow', '--timeout', '0.1'])).toMatchObject({
      status: 6,
      out: expect.stringContaining('Nobody has started it.'),
    })
    const away = { ...as('operator'), REBOOTLESS_URL: 'http://127.0.0.1:9' }
    expect(await cli.run(['get', 'rollouts'], away)).toMatchObject({
      status: 1,
      said: expect.stringContaining('ECONNREFUSED'),
    })
  })
})

describe('T11 what needs a person', () => {
  const PASSWORD = 'a long enough password'
  const nameOf = async ({ cookie }: Person) =>
    (await bench.backend.call('GET', '/api/v1/session', { cookie })).json<{ username: string }>().username
  const withPassword = async (who: Person) => {
    expect((await setPassword(bench.backend, who.cookie, PASSWORD)).status).toBe(200)
    return nameOf(who)
  }

  test('a token may not abort; a person who signs in may, and leaves no session behind', async () => {
    group += 1
    await hostOf()
    const [made] = await applied(await cli.file('abort.yaml', rollout('abort')))
    const refused = await run(['abort', 'abort', '--reason', 'test'])
    expect([refused.status, refused.said]).toEqual([1, expect.stringContaining('--user NAME')])
    const user = await withPassword(await bench.person('operator'))
    const wrong = await run(['abort', 'abort', '--reason', 'test', '--user', user], 'operator', 'another password\n')
    expect([wrong.status, (await read(made?.id ?? '')).phase]).toEqual([1, 'draft'])
    const ran = await run(['abort', 'abort', '--reason', 'not today', '--user', user], 'operator', `${PASSWORD}\n`)
    expect([ran.status, ran.out]).toEqual([0, expect.stringContaining('aborted')])
    expect(ran.out + ran.said).not.toContain(PASSWORD)
    expect((await run(['watch', 'abort'])).status).toBe(4)
    const live = await bench.kysely
      .selectFrom('sessions')
      .innerJoin('users', 'users.id', 'sessions.user_id')
      .select('users.username')
      .where('users.username', '=', user)
      .where('sessions.ended_at', 'is', null)
      .where('sessions.way', '=', 'password')
      .execute()
    expect(live).toEqual([])
  })

  test('T23 approve shows every text in full and sends the signatures of all, or of none', async () => {
    group += 1
    const key = path.join(cli.folder, `approver-${group}.pem`)
    const publicKey = (await cli.run(['keygen', key])).out.trim()
    const approver = await bench.person('approver')
    expect((await bench.post(approver, '/api/v1/approver-keys', { publicKey, name: 'desk' })).status).toBe(201)
    const policy = { ...production([]), approvers: [{ name: 'desk', publicKey }] }
    // Loading and beginning anew are a text each.
    const [one, two] = [await hostOf({}, policy), await hostOf({}, policy)]
    const stalls = { policy: 'retry' }
    const [made] = await applied(await cli.file('approve.yaml', rollout('approve', { stalls })), '--start')
    const id = made?.id ?? ''
    expect((await read(id)).phase).toBe('awaiting approval')
    const user = await withPassword(approver)
    const args = ['approve', '--rollout', 'approve', '--key', key]
    const declined = await run([...args, '--user', user], 'operator', `${PASSWORD}\n1\n`)
    expect([declined.status, declined.said]).toEqual([1, expect.stringContaining('Not signed.')])
    const printed = await run(args, 'operator', '2\n')
    expect(JSON.parse(printed.out).signatures).toHaveLength(2)
    expect((await read(id)).phase).toBe('awaiting approval')
    const ran = await run([...args, '--user', user], 'operator', `${PASSWORD}\n2\n`)
    expect([ran.status, ran.said]).toEqual([0, expect.stringContaining('Signed and sent: 2 texts.')])
    for (const said of [one.id, two.id, 'load: Load a livepatch', 'retry: Take a stalled', bench.artefact])
      expect(ran.said).toContain(said)
    await eventually('it runs', async () => (await read(id)).phase === 'running')
    expect((await run([...args, '--user', user], 'operator', `${PASSWORD}\n`)).said).toContain('No text of it wants')
  })
})

describe('where and who', () => {
  test('a configuration file counts behind the environment, and is refused when others can read it', async () => {
    const config = JSON.stringify({ server: bench.backend.url, token: tokens.viewer })
    const own = await cli.file('config.json', config)
    expect((await cli.run(['get', 'rollouts', '--config', own])).status).toBe(0)
    const open = await cli.file('open.json', config, 0o644)
    expect(await cli.run(['get', 'rollouts', '--config', open])).toMatchObject({
      status: 1,
      said: expect.stringContaining('chmod 600'),
    })
    expect(await cli.run(['get', 'rollouts'])).toMatchObject({
      status: 2,
      said: expect.stringContaining('REBOOTLESS_URL'),
    })
    expect(await cli.run(['get', 'rollouts'], { REBOOTLESS_URL: bench.backend.url })).toMatchObject({
      status: 2,
      said: expect.stringContaining('REBOOTLESS_TOKEN'),
    })
  })

  test('a token never goes over plain HTTP to another machine', async () => {
    const ran = await cli.run(['get', 'rollouts'], { ...as('viewer'), REBOOTLESS_URL: 'http://rebootless.example' })
    expect(ran).toMatchObject({ status: 1, said: expect.stringContaining('https') })
  })
})

test('the samples of the documents are applied: the policy first, and the rollout holds it', async () => {
  for (const rack of ['a', 'b']) await hostOf({ env: 'prod', role: 'web', rack })
  const text = await readFile(path.resolve(import.meta.dirname, '../../docs/as-code.md'), 'utf8')
  const samples = [...text.matchAll(/```yaml\n(apiVersion: rebootless[\s\S]*?)```/g)].map(([, sample = '']) =>
    sample.replace(/[0-9a-f]{64}/, bench.artefact),
  )
  expect(samples).toHaveLength(2)
  const ran = await run(['apply', '-'], 'admin', samples.join('---\n'))
  expect([ran.status, ran.said, ran.out.match(/^\w+ .+ made/gm)]).toEqual([
    0,
    '',
    ['Policy production made', 'Rollout CVE-2026-12345 on the web servers made'],
  ])
})

test.each(['bash', 'zsh', 'fish'])('completion for %s names each command', async (shell) => {
  const ran = await cli.run(['completion', shell])
  for (const word of ['apply', 'watch', 'verify-release', 'dry-run', 'policies']) expect(ran.out).toContain(word)
  expect((await cli.run(['completion', 'csh'])).status).toBe(2)
})

test('bash completes commands, what get takes, and options', async () => {
  const { out } = await cli.run(['completion', 'bash'])
  const completed = async (...words: string[]) => {
    const script = `${out}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _rebootless; echo "\${COMPREPLY[@]}"`
    return execFileSync('bash', ['-c', script], { encoding: 'utf8', cwd: cli.folder }).trim()
  }
  expect(await completed('rebootless', 'wa')).toBe('watch')
  expect(await completed('rebootless', 'get', 'pol')).toBe('policies policy')
  expect(await completed('rebootless', 'apply', '--d')).toBe('--dry-run')
})
