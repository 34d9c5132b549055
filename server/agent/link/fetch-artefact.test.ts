// Goal: a server that ends while it gives a module costs time and no command, and what a server has answered is not asked again.
// Method: real TLS servers of one authority that end, break off, refuse, overflow or give; a clock that does not wait.
import { mkdtemp, rm } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openCertificateAuthority } from '../../bff/link/certificate-authority.ts'
import { createSystemClock } from '../kernel/system-clock.ts'
import { fetchArtefact } from './fetch-artefact.ts'
import type { AgentIdentity } from './identity.ts'

const MODULE = Buffer.from('a module of some bytes')
let folder: string
let authority: Awaited<ReturnType<typeof openCertificateAuthority>>
const servers: Server[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rebootless-fetch-'))
  authority = await openCertificateAuthority(folder, new Date())
})
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** @returns where it is */
const serving = async (listener: RequestListener): Promise<string> => {
  const { certificatePem: cert, privateKeyPem: key } = await authority.issueServerCertificate(new Date())
  const server = createServer({ cert, key, minVersion: 'TLSv1.3' }, listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`
}
const gives: RequestListener = (_asked, answer) => void answer.end(MODULE)
const ends: RequestListener = (asked) => void asked.socket.destroy()
const breaksOff: RequestListener = (asked, answer) => {
  answer.writeHead(200, { 'content-length': MODULE.length })
  answer.write(MODULE.subarray(0, 5), () => asked.socket.destroy())
}
const answers =
  (status: number): RequestListener =>
  (_asked, answer) =>
    void answer.writeHead(status).end()

/** Asks at each of these in turn, and at the last again and again. */
const fetched = async (addresses: readonly string[], signal = new AbortController().signal) => {
  const waits: number[] = []
  let asked = 0
  const identity = async (): Promise<AgentIdentity> => {
    const server = addresses[Math.min(asked, addresses.length - 1)] ?? ''
    asked += 1
    const keys = await authority.issueServerCertificate(new Date())
    return {
      ...{ hostId: '', expiresAt: '', enrolledAt: '', server, certificateAuthority: authority.certificatePem },
      ...{ certificate: keys.certificatePem, privateKey: keys.privateKeyPem },
    }
  }
  const clock = { ...createSystemClock(), sleep: async (milliseconds: number) => void waits.push(milliseconds) }
  const result = await fetchArtefact({ identity, clock, signal }, 'a'.repeat(64), MODULE.length).then(
    (bytes) => Buffer.from(bytes).toString(),
    (error: Error) => error.message,
  )
  return { result, asked, waits }
}

test.each([
  ['is gone', async () => 'https://127.0.0.1:1'],
  ['ends', () => serving(ends)],
  ['ends within the module', () => serving(breaksOff)],
  ['is not ready', () => serving(answers(503))],
])('a server that %s: the module comes whole from where the link goes then', async (_, server) => {
  const given = await fetched([await server(), await serving(gives)])
  expect(given).toEqual({ result: MODULE.toString(), asked: 2, waits: [1_000] })
})

test('T24 what a server has answered is not asked again', async () => {
  const other = await serving(gives)
  const overflows: RequestListener = (_asked, answer) => void answer.end(Buffer.concat([MODULE, MODULE]))
  for (const [listener, why] of [
    [answers(404), 'it answered 404'],
    [overflows, 'it sent more than'],
  ] as const) {
    const { result, asked } = await fetched([await serving(listener), other])
    expect([result, asked]).toEqual([expect.stringContaining(`The server did not give the module: ${why}`), 1])
  }
})

test('without any server it ends after half a minute of pauses, and at once when the agent ends', async () => {
  const gone = ['https://127.0.0.1:1']
  const { result, waits } = await fetched(gone)
  expect(result).toMatch(/^The server did not give the module: .*ECONNREFUSED/)
  expect(waits.reduce((sum, wait) => sum + wait, 0)).toBe(31_000)
  expect((await fetched(gone, AbortSignal.abort())).asked).toBe(1)
})
