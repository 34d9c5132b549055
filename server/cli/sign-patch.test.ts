// Goal: a publisher signs the module that the kernel loads and nothing else, and a catalogue takes what was signed. Method: the
// bundled program as a process of its own, files of all sorts, and a real backend.
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { PatchDetail } from '@rebootless/shared/contract/patches.ts'
import { KeySignature } from '@rebootless/shared/contract/signed.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RequestBench, startRequestBench } from '../bff/commands/test-requests.ts'
import { testModule } from '../bff/patches/module/test-module.ts'
import { isSigned } from '../signing/ed25519.ts'
import { type CliBench, startCliBench } from './test-cli.ts'

let bench: RequestBench
let cli: CliBench
let key: string
let publicKey: string
/** The one that the bench has uploaded. */
const module = testModule({ name: 'lp_new' })
const sha256 = createHash('sha256').update(module).digest('hex')

const file = async (name: string, content: string | Uint8Array): Promise<string> => {
  const at = path.join(cli.folder, name)
  await writeFile(at, content)
  return at
}

beforeAll(async () => {
  bench = await startRequestBench()
  cli = await startCliBench()
  key = path.join(cli.folder, 'publisher.pem')
  publicKey = (await cli.run(['keygen', key])).out.trim()
})
afterAll(async () => {
  await cli.end()
  await bench.end()
})

test('T23 the signature is over the hash of the file, for a patch and for no approval', async () => {
  const ran = await cli.run(['sign-patch', await file('lp.ko', module), '--key', key])
  const signed = KeySignature.parse(JSON.parse(ran.out))
  expect([ran.status, signed.publicKey]).toEqual([0, publicKey])
  expect(isSigned(signed, PAYLOAD_TYPES.patch, sha256)).toBe(true)
  expect(isSigned(signed, PAYLOAD_TYPES.authorisation, sha256)).toBe(false)
  expect(ran.said).toContain(sha256)
})

test('with --send the catalogue has it once the key is a publisher’s; until then it refuses', async () => {
  const operator = await bench.person('operator')
  const { token } = (
    await bench.post(operator, '/api/v1/tokens', { name: 'build', role: 'operator', validDays: 1 })
  ).json<{ token: string }>()
  const at = await file('lp.ko', module)
  const send = () =>
    cli.run(['sign-patch', at, '--key', key, '--send'], {
      ...{ REBOOTLESS_URL: bench.backend.url, REBOOTLESS_TOKEN: token },
    })
  expect(await send()).toMatchObject({ status: 1, out: '', said: expect.stringMatching(/no publisher’s here/) })
  const admin = await bench.person('admin')
  expect((await bench.post(admin, '/api/v1/publisher-keys', { publicKey, name: 'builds' })).status).toBe(201)
  expect(await send()).toMatchObject({ status: 0, said: expect.stringContaining('Handed in') })
  const { signatures } = PatchDetail.parse((await bench.read(operator, `/api/v1/patches/${sha256}`)).json())
  expect(signatures).toEqual([expect.objectContaining({ publisher: 'builds', publicKey })])
})

test.each<[string, string | Uint8Array, RegExp]>([
  ['an xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), /sign what is inside/],
  ['nothing', '', /sign what is inside/],
])('%s is not signed', async (_name, content, reason) => {
  const ran = await cli.run(['sign-patch', await file('other.ko', content), '--key', key])
  expect(ran).toMatchObject({ status: 1, out: '', said: expect.stringMatching(reason) })
})

test('a file that is not there, a folder, and wrong use are told apart', async () => {
  expect((await cli.run(['sign-patch', path.join(cli.folder, 'none.ko'), '--key', key])).said).toMatch(/ENOENT/)
  expect(await cli.run(['sign-patch', cli.folder, '--key', key])).toMatchObject({
    status: 1,
    said: expect.stringMatching(/EISDIR/),
  })
  expect((await cli.run(['sign-patch', '--key', key])).status).toBe(2)
  expect((await cli.run(['sign-patch', 'x'])).status).toBe(2)
})
