// Goal: whoever has the makers' key tells a release from anything that was done to it, with our program and without. Method:
// a real release, built twice by the builders themselves; a copy of it is bent in one way each time, and the bundled
// `rebootless verify-release` judges it as a process of its own, and beside it sha256sum and ssh-keygen.
import { execFileSync, spawnSync } from 'node:child_process'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { appendFile, cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { RELEASE_NAMESPACE } from '@rebootless/shared/domain/signing-bytes.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readFileKey } from '../cli/keys/file-key.ts'
import type { SigningKey } from '../cli/keys/signing-key.ts'
import { readReleaseFiles, SUMS, signatureOf, sumsText } from '../cli/release/release-files.ts'
import { openSshPublicKey, sshSign } from '../signing/ssh-signature.ts'
import { buildAgent } from './build-agent.ts'
import { buildCli } from './build-cli.ts'
import { buildServer, SERVER_PROGRAMS } from './build-server.ts'
import { ROOT } from './package-lock.ts'
import { type BuildToRelease, makeRelease } from './release.ts'
import { writeBillOfPages } from './write-bill.ts'

let folder: string
let makers: SigningKey
let stranger: SigningKey
let release: string
let from: BuildToRelease
const rounds: number[] = []

const newKey = async (name: string): Promise<SigningKey> => {
  const file = path.join(folder, name)
  const { privateKey } = generateKeyPairSync('ed25519')
  await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  return readFileKey(file)
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rebootless-release-'))
  ;[makers, stranger, release] = [await newKey('makers'), await newKey('stranger'), path.join(folder, 'release')]
  const programs = path.join(folder, 'programs')
  const pages = path.join(folder, 'pages')
  await mkdir(programs)
  from = {
    ...{ programs, pages },
    async build(round) {
      rounds.push(round)
      const vite = path.join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js')
      const words = ['build', 'web', '--outDir', pages, '--emptyOutDir', '--logLevel', 'error']
      execFileSync(process.execPath, [vite, ...words], { cwd: ROOT })
      const at = (name: string) => path.join(programs, `${name}.mjs`)
      await Promise.all([buildAgent(at('agent')), buildCli(at('rebootless'))])
      for (const [name, program] of Object.entries(SERVER_PROGRAMS)) await buildServer(program, at(name))
      await writeBillOfPages(pages, programs)
    },
  }
  await makeRelease(from, makers, release)
  await cp(programs, path.join(folder, 'built', 'programs'), { recursive: true })
  await cp(pages, path.join(folder, 'built', 'pages'), { recursive: true })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const verify = (where: string, key: string = openSshPublicKey(makers.publicKey)) => {
  const program = path.join(release, 'rebootless.mjs')
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'verify-release', where, '--key', key], {
    encoding: 'utf8',
    env: {},
  })
  return { status, out: stdout, said: stderr }
}
/** A copy of the release that something was done to. */
const bent = async (bend: (copy: string) => Promise<unknown>): Promise<string> => {
  const copy = path.join(folder, randomUUID())
  await cp(release, copy, { recursive: true })
  await bend(copy)
  return copy
}
const sumsAnew = async (copy: string) => {
  const files = await readReleaseFiles(copy)
  for (const name of [SUMS, signatureOf(SUMS)]) files.delete(name)
  await writeFile(path.join(copy, SUMS), sumsText(files))
}
const signAnew = async (copy: string, name: string, key: SigningKey, namespace = RELEASE_NAMESPACE) =>
  writeFile(path.join(copy, signatureOf(name)), await sshSign(key, namespace, await readFile(path.join(copy, name))))

const hasOpenSsh = spawnSync('ssh-keygen', ['-?']).error === undefined

describe('T34 a release', () => {
  test('is what two builds made, with sums, bills of materials and signatures', async () => {
    expect(rounds).toEqual([1, 2])
    const names = [...(await readReleaseFiles(release)).keys()]
    for (const name of ['agent', 'rebootless', 'server', 'console', 'recorded-fleet', 'simulated-fleet']) {
      expect(names).toEqual(expect.arrayContaining([`${name}.mjs`, `${name}.cdx.json`]))
    }
    expect(names).toEqual(
      expect.arrayContaining([
        'agent.mjs.sig',
        'agent.release',
        'rebootless.mjs.sig',
        SUMS,
        `${SUMS}.sig`,
        'web.cdx.json',
        'web/index.html',
      ]),
    )
    expect(verify(release)).toMatchObject({ status: 0, out: expect.stringContaining('This is the release that') })
  })

  test.each(['the file', 'base64'])('the makers’ key is given as %s', async (form) => {
    const file = path.join(folder, 'makers.pub')
    await writeFile(file, `${openSshPublicKey(makers.publicKey)} makers\n`)
    expect(verify(release, form === 'base64' ? makers.publicKey : file).status).toBe(0)
  })

  test.skipIf(!hasOpenSsh)('sha256sum and ssh-keygen vouch for it without a line of ours', async () => {
    const options = { cwd: release, encoding: 'utf8' } as const
    expect(spawnSync('sha256sum', ['--strict', '--quiet', '-c', SUMS], options)).toMatchObject({
      status: 0,
      stdout: '',
    })
    const allowed = path.join(folder, 'allowed-signers')
    await writeFile(allowed, `makers ${openSshPublicKey(makers.publicKey)}\n`)
    for (const name of [SUMS, 'agent.mjs', 'rebootless.mjs']) {
      const words = ['-Y', 'verify', '-f', allowed, '-I', 'makers', '-n', 'rebootless-release', '-s', `${name}.sig`]
      const input = await readFile(path.join(release, name))
      const { status, stdout } = spawnSync('ssh-keygen', words, { ...options, input })
      expect([status, stdout]).toEqual([0, expect.stringContaining('Good "rebootless-release" signature for makers')])
    }
  })

  test.each<[string, (copy: string) => Promise<unknown>, RegExp[]]>([
    [
      'an altered bundle',
      (copy) => appendFile(path.join(copy, 'server.mjs'), '//'),
      [/server\.mjs is not the file that/],
    ],
    [
      'an altered agent, and sums to match',
      async (copy) => {
        await appendFile(path.join(copy, 'agent.mjs'), '//')
        await sumsAnew(copy)
      },
      [/SHA256SUMS is not what SHA256SUMS\.sig signs/, /agent\.mjs is not what agent\.mjs\.sig signs/],
    ],
    [
      'all of it signed by another key',
      async (copy) => {
        for (const name of ['agent.mjs', 'rebootless.mjs']) await signAnew(copy, name, stranger)
        await sumsAnew(copy)
        await signAnew(copy, SUMS, stranger)
      },
      [
        /SHA256SUMS\.sig is by another key/,
        /agent\.mjs\.sig is by another key/,
        /rebootless\.mjs\.sig is by another key/,
      ],
    ],
    ['no signature of the sums', (copy) => rm(path.join(copy, `${SUMS}.sig`)), [/SHA256SUMS\.sig is missing: nothing/]],
    [
      'no signature of the agent, and sums to match',
      async (copy) => {
        await rm(path.join(copy, 'agent.mjs.sig'))
        await sumsAnew(copy)
        await signAnew(copy, SUMS, makers)
      },
      [/agent\.mjs\.sig is missing: nothing vouches for agent\.mjs/],
    ],
    [
      'one file’s signature beside another',
      async (copy) => {
        await cp(path.join(copy, 'rebootless.mjs.sig'), path.join(copy, 'agent.mjs.sig'))
        await sumsAnew(copy)
        await signAnew(copy, SUMS, makers)
      },
      [/agent\.mjs is not what agent\.mjs\.sig signs/],
    ],
    [
      'what the makers signed for something else',
      (copy) => signAnew(copy, SUMS, makers, 'file'),
      [/SHA256SUMS is not what SHA256SUMS\.sig signs for rebootless-release/],
    ],
    ['a file added', (copy) => writeFile(path.join(copy, 'web', 'more.js'), ''), [/web\/more\.js is not listed/]],
    ['a file left out', (copy) => rm(path.join(copy, 'web', 'index.html')), [/web\/index\.html is missing/]],
    [
      'a signature that is none',
      (copy) => writeFile(path.join(copy, `${SUMS}.sig`), 'x'),
      [/SHA256SUMS\.sig: This is no/],
    ],
    [
      'a file by another name',
      (copy) => rename(path.join(copy, 'server.mjs'), path.join(copy, 'server.\u001b[2J')),
      [/server\.mjs is missing/, /server\.\\u\{1b\}\[2J is not listed/],
    ],
  ])('%s: it is refused, and named', async (_name, bend, faults) => {
    const { status, out } = verify(await bent(bend))
    expect([status, out]).toEqual([1, expect.stringContaining('install nothing of it')])
    const refused = out.split('\n').filter((line) => line.startsWith('REFUSED'))
    for (const fault of faults) expect(refused.join('\n')).toMatch(fault)
    expect(refused.length).toBe(faults.length)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    expect(out).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/)
  })

  test.each<[string, (copy: string) => Promise<unknown>, RegExp]>([
    ['no sums', (copy) => rm(path.join(copy, SUMS)), /SHA256SUMS is missing/],
    ['a name that leads out', (copy) => writeFile(path.join(copy, SUMS), `${'a'.repeat(64)}  ../x\n`), /may not have/],
    [
      'a link in a file’s place',
      async (copy) => {
        await rename(path.join(copy, 'server.mjs'), path.join(folder, 'elsewhere.mjs'))
        await symlink(path.join(folder, 'elsewhere.mjs'), path.join(copy, 'server.mjs'))
      },
      /server\.mjs is no plain file/,
    ],
  ])('%s: it is no release', async (_name, bend, reason) => {
    expect(verify(await bent(bend))).toMatchObject({ status: 3, out: '', said: expect.stringMatching(reason) })
  })

  test.each([
    [[], /one FOLDER/],
    [['x'], /--key is needed/],
    [['x', '--key', 'ssh-rsa AAAA'], /ssh-ed25519/],
    [['x', '--key', '/nowhere/makers.pub'], /ENOENT/],
  ])('wrong use %j is told', (words, reason) => {
    const program = path.join(release, 'rebootless.mjs')
    const { status, stderr } = spawnSync(process.execPath, [program, 'verify-release', ...words], { encoding: 'utf8' })
    expect([status, stderr]).toEqual([2, expect.stringMatching(reason)])
  })

  test('is not made of two builds that differ, nor over another', async () => {
    const unsteady: BuildToRelease = {
      ...from,
      async build(round) {
        await cp(path.join(folder, 'built'), folder, { recursive: true })
        if (round === 2) await appendFile(path.join(from.programs, 'server.mjs'), '//')
      },
    }
    const out = path.join(folder, 'unsteady')
    await expect(makeRelease(unsteady, makers, out)).rejects.toThrow('sources differ: server.mjs.')
    expect(await readReleaseFiles(out)).toEqual(new Map())
    await expect(makeRelease(from, makers, release)).rejects.toThrow('is not empty')
  })
})
