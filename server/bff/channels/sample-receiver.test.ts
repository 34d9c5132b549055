// Goal: the receiver of the document does what the document says. Method: it is taken from docs/channels.md, run by Node, and
// sent what a real backend sends, repeats and forgeries too; a head that it kept is held against an export of the log.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readHeads } from '../../cli/audit/verify-export.ts'
import { openCommandKey } from '../link/command-key.ts'
import { type ChannelBench, startChannelBench } from './test-channels.ts'

let bench: ChannelBench
let folder: string
let child: ChildProcess | undefined
beforeAll(async () => {
  bench = await startChannelBench()
  folder = await mkdtemp(path.join(tmpdir(), 'rebootless-receiver-'))
})
afterAll(async () => {
  child?.kill('SIGKILL')
  await bench.end()
  await rm(folder, { recursive: true, force: true })
})

const freePort = async (): Promise<number> => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

test('T12 it takes what is signed, once, and nothing else; T30 and keeps heads as the command line reads them', async () => {
  const page = await readFile(fileURLToPath(new URL('../../../docs/channels.md', import.meta.url)), 'utf8')
  const code = /```js\n(\/\/ receiver\.mjs\n[^`]*(?:`(?!``)[^`]*)*)```/.exec(page)?.[1]
  if (code === undefined) throw new Error('docs/channels.md has no receiver')
  await writeFile(path.join(folder, 'receiver.mjs'), code)
  const port = await freePort()
  const address = `http://127.0.0.1:${port}/`
  const { id, secret } = await bench.create({ address })
  const env = { WEBHOOK_SECRET: secret, PORT: String(port), FOLDER: folder }
  child = spawn(process.execPath, [path.join(folder, 'receiver.mjs')], { env, stdio: 'ignore' })
  await expect
    .poll(
      () =>
        fetch(address).then(
          ({ status }) => status,
          () => 0,
        ),
      { timeout: 20_000 },
    )
    .toBe(401)

  const { secret: sealed } = await bench.kysely.selectFrom('channels').select('secret').executeTakeFirstOrThrow()
  const target = { ...{ id, address, secret: sealed }, kind: 'webhook', settings: null } as const
  const key = await openCommandKey(path.join(folder, 'keys'))
  const head = { version: 1, sequence: 42, hash: 'a'.repeat(64), at: bench.now().toISOString() } as const
  const signed = key.sign(PAYLOAD_TYPES.auditHead, JSON.stringify(head))
  const body = JSON.stringify({ type: 'audit.head_signed', timestamp: head.at, data: { head, signed } })
  const message = { id: bench.newId(), body, again: false, remaining: null, firstOfAlert: null }
  for (let times = 0; times < 2; times += 1) {
    expect(await bench.send(target, message, new Date())).toMatchObject({ status: 204 })
  }
  const old = new Date(Date.now() - 10 * 60_000)
  expect(await bench.send(target, { ...message, id: bench.newId() }, old)).toMatchObject({ status: 401 })
  const other = await bench.create({ address })
  const { secret: foreign } = await bench.kysely
    .selectFrom('channels')
    .select('secret')
    .where('id', '=', other.id)
    .executeTakeFirstOrThrow()
  const forged = { ...target, id: other.id, secret: foreign }
  expect(await bench.send(forged, { ...message, id: bench.newId() }, new Date())).toMatchObject({ status: 401 })
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json'))
  expect(files.sort()).toEqual([`${message.id}.json`, 'audit-head-42.json'].sort())
  expect(await readHeads(path.join(folder, 'audit-head-42.json'), key.publicKey)).toMatchObject([
    { sequence: 42, hash: head.hash },
  ])
})
