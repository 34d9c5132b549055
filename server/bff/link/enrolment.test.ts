// Goal: a token makes one host, and a certificate request gives nothing but its key. Method: real TLS on loopback,
// requests written by hand, an in-memory store.
import 'reflect-metadata'
import { webcrypto, X509Certificate } from 'node:crypto'
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
} from '@peculiar/x509'
import { EnrolResponse } from '@rebootless/shared/contract/enrolment.ts'
import { Problem } from '@rebootless/shared/contract/problem.ts'
import { SERVER_NAME } from '@rebootless/shared/domain/agent-link.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCertificateAuthority } from './certificate-authority.ts'
import { createLinkBench, type LinkBench } from './link-test-bench.ts'

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const certificateRequest = async (curve = 'P-256', name = 'CN=host-a') => {
  const keys = await webcrypto.subtle.generateKey({ ...P256, namedCurve: curve }, true, ['sign', 'verify'])
  const made = await Pkcs10CertificateRequestGenerator.create({
    name,
    keys,
    signingAlgorithm: P256,
    extensions: [
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: SERVER_NAME },
        { type: 'ip', value: '127.0.0.1' },
      ]),
      new ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.1'], true),
      new BasicConstraintsExtension(true, 9, true),
    ],
  })
  return made.toString('pem')
}

let bench: LinkBench
beforeAll(async () => {
  bench = await createLinkBench()
})
afterAll(() => bench.end())

const post = (
  body: string,
  headers: Record<string, string> = { 'content-type': 'application/json' },
  method = 'POST',
) =>
  new Promise<{ status: number | undefined; type: string | undefined; body: unknown }>((resolve, reject) => {
    const call = request({
      host: '127.0.0.1',
      port: bench.server.port,
      path: '/agent/v1/enrol',
      method,
      headers,
      ca: bench.authority.certificatePem,
      servername: SERVER_NAME,
    })
    call.on('error', reject)
    call.on('response', async (response) => {
      let text = ''
      for await (const chunk of response) text += chunk
      resolve({ status: response.statusCode, type: response.headers['content-type'], body: JSON.parse(text) })
    })
    call.end(body)
  })
const enrolBody = async (change: object = {}) =>
  JSON.stringify({
    token: await bench.token(),
    certificateRequest: await certificateRequest(),
    hostName: 'host-a',
    origin: 'agent',
    ...change,
  })
const expectProblem = (answer: Awaited<ReturnType<typeof post>>, status: number, type: string) => {
  expect(answer.status).toBe(status)
  expect(answer.type).toBe('application/problem+json')
  expect(Problem.parse(answer.body)).toMatchObject({ type: `/problems/${type}`, status })
}

describe('enrolment', () => {
  test('T16 hostile names and extensions of a request vanish: only its key is used', async () => {
    const answer = EnrolResponse.parse((await post(await enrolBody())).body)
    const certificate = new X509Certificate(answer.certificate)
    expect(certificate.subject).toBe(`CN=${answer.hostId}`)
    expect(certificate.subjectAltName).toBeUndefined()
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
    expect(certificate.ca).toBe(false)
    expect(certificate.verify(new X509Certificate(bench.authority.certificatePem).publicKey)).toBe(true)
    const days = (Date.parse(certificate.validTo) - Date.now()) / 86_400_000
    expect(days).toBeGreaterThan(6.9)
    expect(days).toBeLessThan(7.1)
  })

  test('T15 of 50 enrolments with one token, one makes a host', async () => {
    const token = await bench.token()
    const before = bench.memory.hostIds().length
    const body = await enrolBody({ token })
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(body)))
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1)
    for (const answer of answers.filter((one) => one.status !== 201)) {
      expectProblem(answer, 401, 'enrolment_token_refused')
    }
    expect(bench.memory.hostIds()).toHaveLength(before + 1)
  })

  test('T15 an expired, altered, foreign or senseless token is refused with 401', async () => {
    const fresh = await bench.token()
    const [, secret = '', pin = ''] = fresh.split('.')
    const flipped = `${secret[0] === 'A' ? 'B' : 'A'}${secret.slice(1)}`
    for (const token of [
      await bench.token(new Date(Date.now() - 1000)),
      `rbl1.${flipped}.${pin}`,
      `rbl1.${secret}.${'A'.repeat(43)}`,
      'rbl1',
    ]) {
      expectProblem(await post(await enrolBody({ token })), 401, 'enrolment_token_refused')
    }
    expect((await post(await enrolBody({ token: fresh }))).status).toBe(201)
  })

  test('T15 T16 a token that is no good is refused before its request is even read', async () => {
    const unknown = `rbl1.${'A'.repeat(43)}.${bench.authority.fingerprint}`
    const expired = await bench.token(new Date(Date.now() - 1000))
    const used = await bench.token()
    expect((await post(await enrolBody({ token: used }))).status).toBe(201)
    for (const token of [unknown, expired, used]) {
      const answer = await post(await enrolBody({ token, certificateRequest: 'nonsense' }))
      expectProblem(answer, 401, 'enrolment_token_refused')
    }
  })

  test.each(['recorded', 'simulated'])('T18 a host does not say of itself that it is %s', async (origin) => {
    const { hostId } = EnrolResponse.parse((await post(await enrolBody({ origin }))).body)
    expect(bench.memory.host(hostId).origin).toBe('agent')
  })

  test('a request that is refused does not use up its token', async () => {
    const token = await bench.token()
    const bad = await enrolBody({ token, certificateRequest: 'nonsense' })
    expectProblem(await post(bad), 400, 'body_invalid')
    expect((await post(await enrolBody({ token }))).status).toBe(201)
  })

  test.each<[string, () => Promise<string>]>([
    ['not JSON', async () => '{'],
    ['an unknown key', () => enrolBody({ hostId: crypto.randomUUID() })],
    ['a key missing', () => enrolBody({ hostName: undefined })],
    ['another curve', async () => enrolBody({ certificateRequest: await certificateRequest('P-384') })],
    ['a request cut short', async () => enrolBody({ certificateRequest: (await certificateRequest()).slice(0, 200) })],
    [
      'a request signed by another key',
      async () => {
        const [one, two] = await Promise.all([certificateRequest(), certificateRequest()])
        const der = (pem: string) => Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
        const mixed = Buffer.concat([der(one).subarray(0, -64), der(two).subarray(-64)]).toString('base64')
        return enrolBody({
          certificateRequest: `-----BEGIN CERTIFICATE REQUEST-----\n${mixed}\n-----END CERTIFICATE REQUEST-----`,
        })
      },
    ],
  ])('400: %s', async (_name, body) => {
    expectProblem(await post(await body()), 400, 'body_invalid')
  })

  test('405, 413 and 415 are problem documents', async () => {
    expectProblem(await post('', {}, 'GET'), 405, 'method_not_allowed')
    expectProblem(await post('x', { 'content-type': 'text/plain' }), 415, 'media_type_unsupported')
    expectProblem(await post(`"${'x'.repeat(16 * 1024)}"`), 413, 'body_too_large')
    const chunked = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }
    expectProblem(await post(`"${'x'.repeat(16 * 1024)}"`, chunked), 413, 'body_too_large')
  })
})

describe('certificate authority', () => {
  const inFolder = async (run: (folder: string) => Promise<void>) => {
    const folder = await mkdtemp(join(tmpdir(), 'rebootless-ca-'))
    await run(folder).finally(() => rm(folder, { recursive: true }))
  }

  test('is made once, also by backends that start together, and stays', () =>
    inFolder(async (folder) => {
      const opened = await Promise.all(Array.from({ length: 8 }, () => openCertificateAuthority(folder, new Date())))
      const again = await openCertificateAuthority(folder, new Date())
      expect(new Set([...opened, again].map((authority) => authority.fingerprint)).size).toBe(1)
      expect(await readdir(folder)).toEqual(['certificate-authority.pem'])
      expect((await stat(join(folder, 'certificate-authority.pem'))).mode & 0o777).toBe(0o600)
    }))

  test('is refused when others may read its key, or when it is damaged', () =>
    inFolder(async (folder) => {
      await openCertificateAuthority(folder, new Date())
      const path = join(folder, 'certificate-authority.pem')
      await chmod(path, 0o640)
      await expect(openCertificateAuthority(folder, new Date())).rejects.toThrow(/open to others/)
      await chmod(path, 0o600)
      await writeFile(path, 'nonsense')
      await expect(openCertificateAuthority(folder, new Date())).rejects.toThrow(/damaged/)
    }))

  test('T16 gives a server certificate for servers only, with one name, valid for a host a day behind', () =>
    inFolder(async (folder) => {
      const authority = await openCertificateAuthority(folder, new Date())
      const certificate = new X509Certificate((await authority.issueServerCertificate(new Date())).certificatePem)
      expect(certificate.subjectAltName).toBe(`DNS:${SERVER_NAME}`)
      expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
      expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now() - 86_400_000)
    }))
})
