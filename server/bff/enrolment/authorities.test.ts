// Goal: one certificate authority takes another's place without a host being lost, and never by chance. Method: real
// agents linked to two backends of one data folder, which learn of the change by NOTIFY, or by looking.
import { X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuthorityList } from '@rebootless/shared/contract/certificate-authorities.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSystemClock } from '../../agent/kernel/system-clock.ts'
import { enrol } from '../../agent/link/enrol.ts'
import { authoritiesOf, readIdentity, writeIdentity } from '../../agent/link/identity.ts'
import { runAgent } from '../../agent/run-agent.ts'
import { openCertificateAuthorities } from '../link/certificate-authorities.ts'
import { eventually, sampleSnapshot } from '../link/link-test-bench.ts'
import { createTestFleet, type TestFleet } from './test-fleet.ts'

const clock = createSystemClock()
let fleet: TestFleet
const stops: (() => Promise<unknown>)[] = []
beforeAll(async () => {
  fleet = await createTestFleet(2, { certificateRecheckMs: 500 })
})
afterAll(async () => {
  for (const stop of stops) await stop()
  await fleet.end()
})

const newHost = async (hostName: string, site: number) => {
  const { token } = await fleet.token()
  const dataDirectory = await mkdtemp(join(tmpdir(), 'rebootless-agent-'))
  const host = { dataDirectory, hostName, origin: 'agent' } as const
  const { hostId } = await enrol({ ...host, server: fleet.sites[site]?.server ?? '', token, now: clock.now })
  stops.push(() => rm(dataDirectory, { recursive: true, force: true }))
  const warnings: string[] = []
  const start = () => {
    const stop = new AbortController()
    const running = runAgent({
      ...host,
      observer: {
        current: async () => sampleSnapshot({ hostName }),
        async run(listener, signal) {
          listener.snapshot(sampleSnapshot({ hostName }), '0'.repeat(64))
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
        },
      },
      clock,
      random: () => 0,
      signal: stop.signal,
      log: { info: () => {}, warn: (text) => warnings.push(text) },
    })
    stops.unshift(async () => {
      stop.abort()
      await running
    })
  }
  const identity = async () => {
    const found = await readIdentity(dataDirectory)
    if (found === undefined) throw new Error('no identity')
    return found
  }
  const connected = async () => (await fleet.call('GET', `/api/v1/hosts/${hostId}`)).json().connected === true
  return { hostId, dataDirectory, start, warnings, identity, connected }
}
const list = async () => AuthorityList.parse((await fleet.call('GET', '/api/v1/certificate-authorities')).json()).items
const make = () => fleet.call('POST', '/api/v1/certificate-authorities', { reason: 'yearly' })
const retire = (fingerprint: string, hostsLeftBehind: number) =>
  fleet.call('POST', `/api/v1/certificate-authorities/${fingerprint}/retire`, {
    reason: 'all have moved',
    hostsLeftBehind,
  })

test('T16 T17 agents learn the new authority, renew under it, and go on when the old one ends', async () => {
  const [one, two] = [await newHost('moves-1', 0), await newHost('moves-2', 1)]
  const behind = await newHost('stays-behind', 0)
  one.start()
  two.start()
  await eventually('both linked', async () => (await one.connected()) && (await two.connected()))
  const [old, ...none] = await list()
  expect(none).toEqual([])
  expect(old).toMatchObject({ shown: true, hosts: 3 })

  expect((await make()).status).toBe(204)
  expect((await make()).json()).toMatchObject({ type: '/problems/authority_change_refused' })
  const moved = async () => (await list()).at(-1)?.hosts === 2
  await eventually('both have renewed under the new one', moved)
  const [, next] = await list()
  expect(await list()).toMatchObject([
    { fingerprint: old?.fingerprint, shown: true, hosts: 1 },
    { fingerprint: next?.fingerprint, shown: false, hosts: 2 },
  ])
  for (const host of [one, two]) {
    const identity = await host.identity()
    expect(authoritiesOf(identity)).toHaveLength(2)
    const newest = new X509Certificate(authoritiesOf(identity)[1] ?? '')
    expect(new X509Certificate(identity.certificate).verify(newest.publicKey)).toBe(true)
  }
  // Whoever enrols meanwhile is pinned to the old, told of both, and certified by the new.
  const late = await newHost('comes-late', 1)
  expect((await list()).at(-1)?.hosts).toBe(3)

  expect((await retire(next?.fingerprint ?? '', 9)).json()).toMatchObject({
    type: '/problems/authority_change_refused',
  })
  expect((await retire('A'.repeat(43), 9)).json()).toMatchObject({ type: '/problems/authority_not_found' })
  expect((await retire(old?.fingerprint ?? '', 0)).json()).toMatchObject({
    type: '/problems/confirmation_mismatch',
    detail: expect.stringContaining('1 host'),
  })
  expect(await list()).toHaveLength(2)
  await fleet.token()
  const tokenStates = async () => {
    const { items } = (await fleet.call('GET', '/api/v1/enrolment-tokens')).json() as { items: { state: string }[] }
    return items.map(({ state }) => state)
  }
  expect(await tokenStates()).toContain('open')
  expect((await retire(old?.fingerprint ?? '', 1)).status).toBe(204)
  expect(await tokenStates(), 'a token with the old pin cannot serve').not.toContain('open')
  expect(await list()).toMatchObject([{ fingerprint: next?.fingerprint, shown: true }])
  expect(await readdir(fleet.folder)).toContain('certificate-authority-2.pem')
  expect(await readdir(fleet.folder)).not.toContain('certificate-authority.pem')

  // Both backends show the new one: links that begin now are good.
  late.start()
  await eventually('the late one is linked', late.connected)
  await eventually('the others have dropped the old one', async () => {
    const known = [one, two, late].map(async (host) => authoritiesOf(await host.identity()).length)
    return (await Promise.all(known)).every((number) => number === 1)
  })
  expect([await one.connected(), await two.connected()]).toEqual([true, true])
  behind.start()
  await eventually('who stayed behind does not trust us', () => behind.warnings.length > 0)
  expect(await behind.connected()).toBe(false)
  expect(await fleet.audited('certificate_authority.retire')).toMatchObject([
    { target: { id: old?.fingerprint }, after: { hostsLeftBehind: 1 } },
  ])
  expect(await fleet.audited('certificate_authority.make')).toMatchObject([{ target: { id: next?.fingerprint } }])
})

test('T17 an agent that wrote down no list of authorities goes on with the one that it was pinned to', async () => {
  const host = await newHost('of-before', 0)
  const { certificateAuthorities: _, ...before } = await host.identity()
  await writeIdentity(host.dataDirectory, before)
  host.start()
  await eventually('linked', host.connected)
})

test('an authority that goes while another backend looks is not made anew', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rebootless-authorities-'))
  const [one, two] = [
    await openCertificateAuthorities(folder, new Date()),
    await openCertificateAuthorities(folder, new Date()),
  ]
  const old = one.shown().fingerprint
  await Promise.all([one.make(new Date()), two.reload()])
  await two.reload()
  expect(two.trusted().map(({ fingerprint }) => fingerprint)).toEqual(
    one.trusted().map(({ fingerprint }) => fingerprint),
  )
  await Promise.all([one.retire(old), two.reload()])
  await two.reload()
  expect(two.trusted()).toHaveLength(1)
  expect(await readdir(folder)).toEqual(['certificate-authority-2.pem'])
  expect((await openCertificateAuthorities(folder, new Date())).shown().fingerprint).toBe(one.shown().fingerprint)
  await rm(folder, { recursive: true })
})
