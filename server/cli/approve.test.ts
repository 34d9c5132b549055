// Goal: an approver sees all that he signs and signs nothing else, with whichever key he has. Method: the bundled program
// as a process of its own, keys of OpenSSH's own tools, a real ssh-agent, and an HTTP server that lies.
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Authorisation } from '@rebootless/shared/contract/command.ts'
import { KeySignature } from '@rebootless/shared/contract/signed.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import { readSignatures } from '@rebootless/shared/domain/pasted-signature.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCli } from '../build/build-cli.ts'
import { isSigned } from '../signing/ed25519.ts'

let folder: string
let program: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rebootless-cli-'))
  program = await buildCli(path.join(folder, 'rebootless.mjs'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const payload = canonicalJson(
  Authorisation.parse({
    ...{ version: 1, id: '5f0c1d6e-0000-4000-8000-000000000000', action: 'load', patch: 'lp_fix', provider: null },
    artefact: { sha256: 'a'.repeat(64), size: 4096, releaseCounter: 7 },
    kernel: { release: '6.12.1', buildId: null },
    ...{ target: null, blockingTasks: [] },
    hosts: [1, 2].map((index) => ({
      id: `5f0c1d6e-0000-4000-8000-00000000000${index}`,
      notBefore: '2026-11-26T12:00:00.000Z',
    })),
    ...{ expiresAt: '2026-11-27T12:00:00.000Z', rollout: null, downgrade: false, reversal: true },
    ...{ reason: 'a fix \u001b[2J\u202e', requestedBy: 'operator', requestedAt: '2026-11-26T11:59:00.000Z' },
  }),
)

interface Ran {
  readonly status: number | null
  readonly out: string
  readonly said: string
}
const run = (args: readonly string[], input: string, environment: Record<string, string> = {}): Promise<Ran> =>
  new Promise((resolve) => {
    const env = { PATH: process.env.PATH ?? '', ...environment }
    const child = execFile(process.execPath, [program, ...args], { env }, (_error, out, said) => {
      resolve({ status: child.exitCode, out, said })
    })
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })
const file = async (name: string, text: string, mode = 0o600): Promise<string> => {
  const at = path.join(folder, name)
  await writeFile(at, text)
  await chmod(at, mode)
  return at
}
const signedBy = ({ out }: Ran) => KeySignature.parse(JSON.parse(out))
const fits = (ran: Ran): boolean => isSigned(signedBy(ran), PAYLOAD_TYPES.authorisation, payload)

describe('rebootless approve', () => {
  let text: string
  let key: string
  let publicKey: string
  beforeAll(async () => {
    text = await file('request.json', `${payload}\n`)
    key = path.join(folder, 'approver.pem')
    const made = await run(['keygen', key], '')
    expect(made.status).toBe(0)
    publicKey = made.out.trim()
  })

  test('T23 shows everything, and signs the exact text once the number of hosts is typed', async () => {
    const ran = await run(['approve', text, '--key', key], '2\n')
    expect([ran.status, fits(ran), signedBy(ran).publicKey]).toEqual([0, true, publicKey])
    for (const said of [
      'load: Load a livepatch',
      'lp_fix',
      'a'.repeat(64),
      '6.12.1',
      '2026-11-27T12:00:00.000Z',
      '0001, not',
      '0002, not',
      'operator',
    ])
      expect(ran.said).toContain(said)
    expect(ran.said).toContain('Paste this on the page')
  })

  test('T04 nothing in it reaches the terminal but as an escape', async () => {
    const ran = await run(['approve', text, '--key', key], '2\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    expect(ran.said + ran.out).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f\u202e]/)
    expect(ran.said).toContain('a fix \\u{1b}[2J\\u{202e}')
  })

  test.each(['', '\n', '1\n', 'yes\n', '22\n'])('anything else than the number (%j) signs nothing', async (typed) => {
    expect(await run(['approve', text, '--key', key], typed)).toMatchObject({ status: 1, out: '' })
  })

  test('from standard input: the text first, then the number', async () => {
    const ran = await run(['approve', '-', '--key', key], `${payload}\n2\n`)
    expect([ran.status, fits(ran)]).toEqual([0, true])
  })

  const textOf = (change: object) =>
    canonicalJson({ ...JSON.parse(payload), rollout: '5f0c1d6e-0000-4000-8000-00000000000a', ...change })
  const own = textOf({})
  const undo = textOf({ id: '5f0c1d6e-0000-4000-8000-00000000000b', action: 'disable', artefact: null, kernel: null })

  test('T23 a file with all texts of a rollout is shown in full, and all are signed or none', async () => {
    const both = await file('rollout.texts', `${own}\n${undo}\n`)
    expect(await run(['approve', both, '--key', key], '4\n')).toMatchObject({ status: 1, out: '' })
    const ran = await run(['approve', both, '--key', key], '2\n')
    expect([ran.status, ran.said]).toEqual([
      0,
      expect.stringMatching(/Text 1 of 2[\s\S]*Load a livepatch[\s\S]*Text 2 of 2/),
    ])
    const signatures = readSignatures(ran.out) ?? []
    expect(signatures.map(({ authorisation }) => authorisation)).toEqual([own, undo].map((one) => JSON.parse(one).id))
    const holds = [own, undo].map((one, index) => {
      const signature = signatures[index]
      return signature !== undefined && isSigned(signature, PAYLOAD_TYPES.authorisation, one)
    })
    expect(holds).toEqual([true, true])
  })

  test.each<[string, () => string]>([
    [
      'another rollout',
      () => textOf({ id: '5f0c1d6e-0000-4000-8000-00000000000b', rollout: '5f0c1d6e-0000-4000-8000-00000000000c' }),
    ],
    ['no rollout', () => payload],
    ['the same once more', () => own],
  ])('T23 a file that holds a text of %s beside is not signed', async (_name, other) => {
    const ran = await run(['approve', await file('mixed.texts', `${own}\n${other()}\n`), '--key', key], '2\n')
    expect(ran).toMatchObject({ status: 1, out: '', said: expect.stringContaining('not those of one rollout') })
  })

  test.each<[string, string, RegExp]>([
    ['no JSON', 'x', /no JSON/],
    ['something else', '{"a":1}', /not the text of an authorisation/],
    ['blanks', payload.replace('{', '{ '), /canonical form/],
    ['a key said twice', payload.replace('{', '{"action":"force",'), /canonical form/],
    ['text behind it', `${payload} {}`, /no JSON/],
    [
      'another order',
      JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(payload)).reverse())),
      /canonical form/,
    ],
    ['a field more', payload.replace('{', '{"aaa":1,'), /not the text of an authorisation/],
  ])('T23 %s is not signed', async (_name, content, reason) => {
    const ran = await run(['approve', await file('other.json', content), '--key', key], '2\n')
    expect(ran).toMatchObject({ status: 1, out: '', said: expect.stringMatching(reason) })
  })

  test('a key that others may read, one that is none, a passphrase, RSA: each is refused with what to do', async () => {
    const open = await file('open.pem', await readFile(key, 'utf8'), 0o644)
    expect((await run(['approve', text, '--key', open], '2\n')).said).toMatch(/chmod 600/)
    expect((await run(['approve', text, '--key', await file('none.pem', 'x')], '2\n')).said).toMatch(/no private key/)
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' })
    const rsaFile = await file('rsa.pem', String(rsa))
    expect((await run(['approve', text, '--key', rsaFile], '2\n')).said).toMatch(/no Ed25519 key/)
    expect((await run(['keygen', key], '')).said).toMatch(/there already/)
  })

  test('keygen: a file of one’s own, and --show tells its public half', async () => {
    expect((await stat(key)).mode & 0o777).toBe(0o600)
    expect((await run(['keygen', '--show', '--key', key], '')).out.trim()).toBe(publicKey)
  })

  test('fetched by id: only the payload counts, whatever else the server says of it', async () => {
    const asked: (string | undefined)[] = []
    const server = createServer((request, response) => {
      asked.push(request.headers.authorization)
      const gone = request.url?.endsWith('9') === true
      response.writeHead(gone ? 404 : 200, { 'content-type': 'application/json' })
      response.end(
        JSON.stringify(
          gone
            ? { detail: 'none \u001b[2J' }
            : { payload, action: 'refresh', text: [{ title: 'harmless' }], hostCount: 1 },
        ),
      )
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const id = '5f0c1d6e-0000-4000-8000-000000000000'
    const environment = { REBOOTLESS_TOKEN: 'token-of-a-viewer' }
    const ran = await run(['approve', id, '--server', url, '--key', key], '2\n', environment)
    expect([ran.status, fits(ran), asked]).toEqual([0, true, ['Bearer token-of-a-viewer']])
    expect(ran.said).not.toContain('harmless')
    const gone = await run(['approve', id.replace(/0$/, '9'), '--server', url, '--key', key], '2\n', environment)
    expect(gone).toMatchObject({ status: 1, out: '', said: expect.stringContaining('answered 404: none \\u{1b}[2J') })
    expect(
      (await run(['approve', id, '--server', 'http://rebootless.example', '--key', key], '2\n', environment)).said,
    ).toMatch(/https/)
    expect((await run(['approve', id, '--server', url, '--key', key], '2\n')).said).toMatch(/REBOOTLESS_TOKEN/)
    await new Promise((resolve) => server.close(resolve))
  })

  test('T23 of a rollout nothing is signed when the server gives a text of something else, or one that is altered', async () => {
    const rollout = '5f0c1d6e-0000-4000-8000-000000000009'
    const own = canonicalJson({ ...JSON.parse(payload), rollout })
    const { id } = JSON.parse(payload)
    let items: { id: string; payload: string }[] = []
    const server = createServer((_request, response) => {
      const some = items.map((item) => ({ ...item, approvals: [], approvalsNeeded: 1, cannotSign: null }))
      response.end(JSON.stringify({ items: some }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const approve = () =>
      run(['approve', '--rollout', rollout, '--server', url, '--key', key], '2\n', { REBOOTLESS_TOKEN: 'viewer' })
    items = [{ id, payload: own }]
    const { signatures } = JSON.parse((await approve()).out)
    expect(signatures.map(({ authorisation }: { authorisation: string }) => authorisation)).toEqual([id])
    for (const [bad, reason] of [
      [{ id, payload }, /something else than this rollout/],
      [{ id: rollout, payload: own }, /something else than this rollout/],
      [{ id, payload: `${own} ` }, /canonical form/],
    ] as const) {
      items = [{ id, payload: own }, bad]
      expect(await approve()).toMatchObject({ status: 1, out: '', said: expect.stringMatching(reason) })
    }
    await new Promise((resolve) => server.close(resolve))
  })

  test.each([
    [[]],
    [['approve']],
    [['approve', 'a', 'b', '--key', 'k']],
    [['approve', 'a']],
    [['approve', 'a', '--key', 'k', '--ssh-agent']],
    [['keygen']],
    [['approve', 'a', '--what']],
  ])('wrong use %j is told and exits with 2', async (args) => {
    expect(await run(args, '')).toMatchObject({
      status: 2,
      out: '',
      said: expect.stringContaining('Usage: rebootless'),
    })
  })

  test.each([
    [['--help'], 'Usage: rebootless COMMAND'],
    [['approve', '--help'], 'Usage: rebootless approve'],
    [['audit', 'verify', '--help'], 'Usage: rebootless audit verify'],
    [['keygen', '-h'], 'Usage: rebootless keygen'],
  ])('%j is answered, and no mistake', async (args, usage) => {
    expect(await run(args, '')).toMatchObject({ status: 0, out: expect.stringContaining(usage), said: '' })
  })
})

const hasOpenSsh =
  spawnSync('ssh-keygen', ['-?']).error === undefined && spawnSync('ssh-agent', ['-?']).error === undefined

describe.skipIf(!hasOpenSsh)('with keys of OpenSSH', () => {
  const sshKey = async (name: string, passphrase: string, type = 'ed25519') => {
    const at = path.join(folder, name)
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', `${name}\u001b[2J`, '-f', at])
    return at
  }

  test('a file without a passphrase signs; one with a passphrase names ssh-agent', async () => {
    const text = await file('ssh-request.json', payload)
    const ran = await run(['approve', text, '--key', await sshKey('plain', '')], '2\n')
    expect([ran.status, fits(ran)]).toEqual([0, true])
    const locked = await run(['approve', text, '--key', await sshKey('locked', 'correct horse')], '2\n')
    expect(locked).toMatchObject({ status: 1, out: '', said: expect.stringMatching(/passphrase.*--ssh-agent/) })
    expect((await run(['approve', text, '--key', await sshKey('ecdsa', '', 'ecdsa')], '2\n')).said).toMatch(
      /no Ed25519 key/,
    )
    const whole = await readFile(path.join(folder, 'plain'), 'utf8')
    const cut = await file('cut', whole.replace(/[A-Za-z0-9+/]{40}=*\n-----END/, '\n-----END'))
    expect(await run(['approve', text, '--key', cut], '2\n')).toMatchObject({ status: 1, out: '' })
  })

  test('a real ssh-agent signs with the key that it holds, and of several with the one that is named', async () => {
    const text = await file('agent-request.json', payload)
    const socket = path.join(folder, 'agent.sock')
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
    const environment = { SSH_AUTH_SOCK: socket }
    try {
      const [one, two, rsa] = [await sshKey('one', ''), await sshKey('two', ''), await sshKey('rsa', '', 'rsa')]
      const add = (key: string) =>
        execFileSync('ssh-add', ['-q', key], { env: { ...process.env, ...environment }, stdio: 'ignore' })
      for (let tries = 0; tries < 100 && (await stat(socket).catch(() => undefined)) === undefined; tries += 1)
        await new Promise((resolve) => setTimeout(resolve, 20))
      expect((await run(['approve', text, '--ssh-agent'], '2\n', environment)).said).toMatch(/no Ed25519 key/)
      add(rsa)
      add(one)
      const ran = await run(['approve', text, '--ssh-agent'], '2\n', environment)
      expect([ran.status, fits(ran)]).toEqual([0, true])
      expect(ran.said).toContain('“one\\u{1b}[2J”')
      add(two)
      expect((await run(['approve', text, '--ssh-agent'], '2\n', environment)).said).toMatch(/--key-file/)
      const named = await run(['approve', text, '--ssh-agent', '--key-file', `${two}.pub`], '2\n', environment)
      const shown = await run(['keygen', '--show', '--key', two], '')
      expect([named.status, fits(named), `${signedBy(named).publicKey}\n`]).toEqual([0, true, shown.out])
      expect((await run(['approve', text, '--ssh-agent'], '2\n')).said).toMatch(/SSH_AUTH_SOCK/)
    } finally {
      agent.kill()
    }
  })
})
