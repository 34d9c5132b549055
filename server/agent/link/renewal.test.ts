// Goal: certificates change over without a gap, and the old one ends. Method: the agent's library against the backend's
// real port on loopback over an in-memory store.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { RENEW_PATH } from '@rebootless/shared/domain/agent-link.ts'
import { describe, expect, test } from 'vitest'
import { eventually } from '../../bff/link/link-test-bench.ts'
import { askForCertificate } from './ask-for-certificate.ts'
import { certificateRequest } from './certificate-request.ts'
import { ensureEnrolled } from './enrol.ts'
import { type AgentIdentity, readIdentity } from './identity.ts'
import { renewalDueAt, renewIdentity } from './renew.ts'
import { addressOf } from './server-address.ts'
import { clock, handObserver, useTestAgent } from './test-agent.ts'

const site = useTestAgent()

describe('T17 renewal', () => {
  const hostOf = async ({ certificate }: AgentIdentity) =>
    (await site.bench.memory.store.certifiedHost(fingerprint(certificate)))?.hostId

  const fingerprint = (pem: string) => new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase()

  test('T17 100 renewals, one answer lost, no gap; the old certificate ends when the new one is used', async () => {
    let identity = await ensureEnrolled(await site.enrolOptions())
    const { store } = site.bench.memory
    const opens = async (who: AgentIdentity) => {
      const link = site.bench.open({ key: who.privateKey, cert: who.certificate })
      const opened = await link.opened
      link.socket.terminate()
      return opened
    }
    for (let at = 0; at < 100; at += 1) {
      const old = identity
      if (at === 50) {
        await renewIdentity(join(site.dataDirectory, 'lost'), old) // certified, and never seen by the agent
        expect(await opens(old)).toBe(true)
      }
      identity = await renewIdentity(site.dataDirectory, old)
      expect(identity.privateKey).not.toBe(old.privateKey)
      expect(await hostOf(old)).toBe(identity.hostId)
      if (at % 10 !== 0) await store.certificateUsed?.(fingerprint(identity.certificate), new Date())
      else expect(await opens(identity)).toBe(true)
      expect(await hostOf(old)).toBeUndefined()
      if (at % 10 === 0) expect(await opens(old)).toBe(false)
    }
    expect(site.bench.memory.hostIds()).toEqual([identity.hostId])
    expect(identity.commandKey).toBe(site.bench.commandKey.publicKey)
  })

  test('T17 it is due at two thirds of the life, and the open link changes over', async () => {
    const identity = await ensureEnrolled(await site.enrolOptions())
    const daysLeft = (Date.parse(identity.expiresAt) - renewalDueAt(identity.certificate)) / 86_400_000
    expect(daysLeft).toBeCloseTo(7 / 3, 2)
    const { hostId } = identity
    const late = { ...clock, now: () => Date.now() + 5 * 86_400_000 }
    site.start(handObserver(), { clock: late })
    await eventually(
      'renewed',
      async () => (await readIdentity(site.dataDirectory))?.certificate !== identity.certificate,
    )
    await eventually('old one ended', async () => (await hostOf(identity)) === undefined)
    await eventually('linked again', () => site.bench.memory.host(hostId).linkId !== undefined)
    expect(site.bench.memory.hostIds()).toEqual([hostId])
  })

  test('T17 no renewal without a certificate, with a revoked one, or for the old key', async () => {
    const identity = await ensureEnrolled(await site.enrolOptions())
    const server = { address: addressOf(identity.server), authority: identity.certificateAuthority }
    const own = { key: identity.privateKey, cert: identity.certificate }
    const request = { certificateRequest: certificateRequest(createPrivateKey(identity.privateKey)) }
    await expect(askForCertificate(server, RENEW_PATH, request)).rejects.toThrow(/client certificate is missing/)
    await expect(askForCertificate({ ...server, own }, RENEW_PATH, request)).rejects.toThrow(/The key is the old one/)
    site.bench.memory.revoke(identity.hostId)
    await expect(renewIdentity(site.dataDirectory, identity)).rejects.toMatchObject({
      code: 'refused',
      message: /revoked/,
    })
  })
})
