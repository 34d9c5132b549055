// Goal: what proves who asks goes to the server that was meant, and to no other. Method: servers on loopback with certificates
// of an authority of their own, of another, and for another name; one that never ends its answer.
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { createServer as createPlainServer, type Server } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509'
import { afterEach, expect, test } from 'vitest'
import { createTransport } from './transport.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** A certificate that is its own authority. */
const certificateFor = async (address: string) => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...{ serialNumber: '01', name: 'CN=test', keys, signingAlgorithm: algorithm },
    ...{ notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) },
    extensions: [new SubjectAlternativeNameExtension([{ type: 'ip', value: address }])],
  })
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { cert: certificate.toString('pem'), key: PemConverter.encode(pkcs8, 'PRIVATE KEY') }
}

const heard: (string | undefined)[] = []
const listen = async (server: Server, protocol: string): Promise<URL> => {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return new URL(`${protocol}://127.0.0.1:${(server.address() as AddressInfo).port}`)
}
const tlsServer = (own: { cert: string; key: string }) =>
  listen(
    createServer(own, (request, response) => {
      heard.push(request.headers.authorization)
      response.end('{}')
    }) as unknown as Server,
    'https',
  )
const ask = (server: URL, ca?: string) =>
  createTransport({ server, ca })('GET', '/api/v1/session', { headers: { authorization: 'Bearer secret' } })

test('T01 --ca trusts its authority alone; without it, with another, or for another name nothing is sent', async () => {
  const own = await certificateFor('127.0.0.1')
  const server = await tlsServer(own)
  expect((await ask(server, own.cert)).status).toBe(200)
  expect(heard.splice(0)).toEqual(['Bearer secret'])
  await expect(ask(server)).rejects.toThrow(/not trusted here.*--ca FILE/)
  await expect(ask(server, (await certificateFor('127.0.0.1')).cert)).rejects.toThrow(/not trusted here/)
  const other = await certificateFor('192.0.2.1')
  await expect(ask(await tlsServer(other), other.cert)).rejects.toThrow(/not trusted here/)
  expect(heard).toEqual([])
})

test('an answer without an end is not read to the end, and a redirection is not followed', async () => {
  const endless = await listen(
    createPlainServer((_request, response) => {
      const piece = Buffer.alloc(1024 * 1024, 0x20)
      const more = () => {
        if (!response.destroyed) response.write(piece, more)
      }
      more()
    }),
    'http',
  )
  await expect(ask(endless)).rejects.toThrow(/too long/)
  const redirecting = await listen(
    createPlainServer((_request, response) => response.writeHead(302, { location: endless.href }).end()),
    'http',
  )
  expect((await ask(redirecting)).status).toBe(302)
})
