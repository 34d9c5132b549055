// Goal: browsers may be served by TLS directly. Method: a certificate of our own authority, and one sign-in.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { openCertificateAuthority } from '../link/certificate-authority.ts'
import { ADMIN_PASSWORD, startTestBackend, type TestBackend } from '../test-backend.ts'

let database: TestDatabase
let backend: TestBackend
let folder: string
beforeAll(async () => {
  database = await createTestDatabase()
  folder = mkdtempSync(path.join(tmpdir(), 'rebootless-tls-'))
  const authority = await openCertificateAuthority(folder, new Date())
  const { certificatePem, privateKeyPem } = await authority.issueServerCertificate(new Date())
  const tls = { certificatePath: path.join(folder, 'certificate.pem'), keyPath: path.join(folder, 'key.pem') }
  writeFileSync(tls.certificatePath, certificatePem)
  writeFileSync(tls.keyPath, privateKeyPem)
  backend = await startTestBackend(database, { settings: { tls } })
})
afterAll(async () => {
  await backend.close()
  await database.drop()
  rmSync(folder, { recursive: true })
})

test('T01 T03 over TLS the cookie is a __Host- one, Secure, and browsers are told to stay with TLS', async () => {
  const own = `https://127.0.0.1:${backend.port}`
  const headers = await new Promise<Record<string, string | string[] | undefined>>((resolve, reject) => {
    // Whose certificate it is does not matter here, and no test holds that authority's pin.
    const agent = new Agent({ rejectUnauthorized: false })
    const outgoing = request(`${own}/api/v1/session`, {
      method: 'POST',
      agent,
      headers: { origin: own, 'content-type': 'application/json' },
    })
    outgoing.on('response', (answer) => {
      answer.resume().on('end', () => {
        agent.destroy()
        resolve(answer.headers)
      })
    })
    outgoing.on('error', reject)
    outgoing.end(JSON.stringify({ username: 'admin', password: ADMIN_PASSWORD }))
  })
  expect(headers['set-cookie']).toEqual([
    expect.stringMatching(/^__Host-rebootless=.*HttpOnly; Secure; SameSite=Strict$/),
  ])
  expect(headers['strict-transport-security']).toBe('max-age=31536000')
  expect(backend.url).toBe(own)
})
