// Goal: a host gets the agent and the makers' signature of that very file, and checks it before it installs anything. Method:
// the agents' port with an agent file, signed by a key of the test's own and by a signature that does not fit; fetched by
// curl and judged by ssh-keygen, with the very commands of docs/enrolment.md.
import { execFile, spawnSync } from 'node:child_process'
import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { RELEASE_NAMESPACE } from '@rebootless/shared/domain/signing-bytes.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { publicKeyOf } from '../../signing/ed25519.ts'
import { openSshPublicKey, sshSign } from '../../signing/ssh-signature.ts'
import { type AgentFile, readAgentFile } from './agent-file.ts'
import { createLinkBench } from './link-test-bench.ts'

const AGENT = Buffer.from('#!/usr/bin/env node\n// rebootless-agent 0.0.0\n')
let folder: string
let warnings: string[]
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rebootless-agent-file-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const newKey = () => {
  const { privateKey } = generateKeyPairSync('ed25519')
  return { publicKey: publicKeyOf(privateKey), signBytes: async (bytes: Uint8Array) => sign(null, bytes, privateKey) }
}
const makers = newKey()

const read = async (signature: string | undefined): Promise<AgentFile | undefined> => {
  warnings = []
  const file = path.join(folder, 'agent.mjs')
  await writeFile(file, AGENT)
  await rm(`${file}.sig`, { force: true })
  if (signature !== undefined) await writeFile(`${file}.sig`, signature)
  return readAgentFile(file, { warn: (_fields, text) => warnings.push(text) })
}

/** Status and body. */
const fetchText = (url: string): Promise<[number | undefined, string]> =>
  new Promise((resolve, reject) => {
    const request = get(url, { rejectUnauthorized: false }, (response) => {
      text(response).then((body) => resolve([response.statusCode, body]), reject)
    })
    request.on('error', reject)
  })

/** Not spawnSync: the port that is asked is in this process. */
const run = (program: string, words: string[], cwd: string): Promise<{ passed: boolean; out: string }> =>
  new Promise((resolve) => {
    execFile(program, words, { cwd, timeout: 10_000 }, (error, out) => resolve({ passed: error === null, out }))
  })

/** The commands of one block of docs/enrolment.md, with this test's server and key in the placeholders' place. */
const documented = async (beginning: string, words: Record<string, string>): Promise<string> => {
  const page = await readFile(new URL('../../../docs/enrolment.md', import.meta.url), 'utf8')
  const block = [...page.matchAll(/```sh\n([^`]*)```/g)].map(([, script = '']) => script)
  const found = block.find((script) => script.startsWith(beginning)) ?? ''
  return Object.entries(words).reduce((script, [word, value]) => script.replaceAll(word, value), found)
}

const hasPrograms = ['ssh-keygen', 'curl'].every((name) => spawnSync(name, ['-?']).error === undefined)

describe('T34 the signature of the agent', () => {
  test('is given out beside it, and only where there is one', async () => {
    for (const signature of [await sshSign(makers, RELEASE_NAMESPACE, AGENT), undefined]) {
      const bench = await createLinkBench({}, { agentFile: await read(signature) })
      const answer = (name: string) => fetchText(`${bench.url}/agent/v1/${name}`)
      expect(await answer('agent.mjs')).toEqual([200, `${AGENT}`])
      if (signature === undefined) expect(await answer('agent.mjs.sig')).toEqual([404, expect.any(String)])
      else expect(await answer('agent.mjs.sig')).toEqual([200, signature])
      await bench.end()
    }
    expect(warnings).toEqual([])
  })

  test('that is of another file, for something else, or none at all, is not given out, and the log says so', async () => {
    for (const signature of [
      await sshSign(makers, RELEASE_NAMESPACE, Buffer.from('an older agent')),
      await sshSign(makers, 'file', AGENT),
      'x',
    ]) {
      expect(await read(signature)).toEqual({ content: AGENT, bytes: AGENT.length, sha256: expect.any(String) })
      expect(warnings).toEqual([expect.stringContaining('is not given out')])
    }
  })

  test.skipIf(!hasPrograms)('is checked by the documented commands: the makers’ passes, any other stops', async () => {
    const fetched = path.join(folder, 'host')
    await mkdir(fetched)
    for (const [key, passes] of [
      [makers, true],
      [newKey(), false],
    ] as const) {
      const bench = await createLinkBench({}, { agentFile: await read(await sshSign(key, RELEASE_NAMESPACE, AGENT)) })
      const script = await documented('curl', {
        'https://SERVER:8443': bench.url,
        'ssh-ed25519 AAAA…': openSshPublicKey(makers.publicKey),
      })
      expect(script).toContain('ssh-keygen -Y verify')
      const { passed, out } = await run('sh', ['-ec', script], fetched)
      expect([passed, out.includes('Good "rebootless-release" signature for makers')]).toEqual([passes, passes])
      await bench.end()
    }
  })
})
