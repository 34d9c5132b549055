// Goal: a server that breaks off in the middle of its answer costs one attempt, never the agent. Method: a TLS server
// with the right certificate that sends half an answer; whatever nobody catches fails the run.
import { createServer, type Server } from 'node:https'
import { Socket } from 'node:net'
import { RENEW_PATH } from '@rebootless/shared/domain/agent-link.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLinkBench, type LinkBench } from '../../bff/link/link-test-bench.ts'
import { askForCertificate } from './ask-for-certificate.ts'

let bench: LinkBench
let server: Server
let uncaught: unknown[]
const onUncaught = (error: unknown) => void uncaught.push(error)
let before: NodeJS.UncaughtExceptionListener[]

beforeEach(async () => {
  bench = await createLinkBench()
  uncaught = []
  before = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException').on('uncaughtException', onUncaught)
})
afterEach(async () => {
  process.removeAllListeners('uncaughtException')
  for (const listener of before) process.on('uncaughtException', listener)
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await bench.end()
})

const askHalfAnswering = async (then: 'cuts' | 'stalls', timeoutMs?: number) => {
  const own = await bench.authority.issueServerCertificate(new Date())
  const options = { key: own.privateKeyPem, cert: own.certificatePem, minVersion: 'TLSv1.3' } as const
  let wire: Socket | undefined
  server = createServer(options, (_request, response) => {
    response.writeHead(201, { 'Content-Length': 1000 })
    response.write('{"hostId":', () => {
      if (then === 'cuts') setTimeout(() => wire?.resetAndDestroy(), 50)
    })
  })
  server.on('connection', (socket) => {
    if (socket instanceof Socket) wire = socket
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const asked = askForCertificate(
    { address: { host: '127.0.0.1', port }, authority: bench.authority.certificatePem },
    RENEW_PATH,
    { certificateRequest: 'x' },
    timeoutMs,
  )
  const error = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  await new Promise((resolve) => setTimeout(resolve, 50))
  return error
}

test('cut off in the middle of the answer, it fails as a connection does, and nothing goes uncaught', async () => {
  expect(await askHalfAnswering('cuts')).toMatchObject({ code: 'server_unreachable' })
  expect(uncaught).toEqual([])
})

test('stalled in the middle of the answer, it says so, and nothing goes uncaught', async () => {
  expect(await askHalfAnswering('stalls', 200)).toMatchObject({
    code: 'server_unreachable',
    message: expect.stringContaining('it did not answer in time'),
  })
  expect(uncaught).toEqual([])
})
