// Goal: agents and servers of releases before work with those of today, and nothing is ever acted upon between those that
// know no commands. Method: the real programs of then (protocol-1/README.md, protocol-2/README.md) and of today as processes on this machine's own kernel, over
// real TLS; today's server is a whole one over PostgreSQL.
import { randomBytes } from 'node:crypto'
import { cp, readdir } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Heartbeat, Hello, SnapshotMessage } from '@rebootless/shared/contract/agent-message.ts'
import { AuthorisationDetail, CommandList, HostActions } from '@rebootless/shared/contract/commands-api.ts'
import { HostIdentity } from '@rebootless/shared/contract/host-identity.ts'
import { HostKernelReadings } from '@rebootless/shared/contract/kernel-readings.ts'
import { READ_ONLY } from '@rebootless/shared/domain/possible-actions.ts'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { readStatus } from '../../agent/link/status-file.ts'
import { buildAgent } from '../../build/build-agent.ts'
import { createTestFleet } from '../enrolment/test-fleet.ts'
import { eventually } from './link-test-bench.ts'
import { hostIdOf, shown, startProgramsOfThen } from './test-programs-of-then.ts'

const HEARTBEATS = { heartbeatIntervalMs: 200 }

let programs: Awaited<ReturnType<typeof startProgramsOfThen>>
let folder: string
let agentOf1: string
let agentOf2: string
let agentOfToday: string
beforeAll(async () => {
  programs = await startProgramsOfThen()
  folder = programs.folder
  agentOf1 = await programs.unpack('agent.mjs', 1)
  agentOf2 = await programs.unpack('agent.mjs', 2)
  agentOfToday = await buildAgent(path.join(folder, 'today', 'agent.mjs'))
})
afterEach(() => programs.endAll())
afterAll(() => programs.end())

test('T21 the agent of protocol 1 at the server of today: read, shown as read-only, and never sent a command', async () => {
  const fleet = await createTestFleet(1, HEARTBEATS)
  const { backend, server, agents } = fleet.first
  const data = path.join(folder, 'data-1')
  await programs.enrol(agentOf1, server, (await fleet.token()).token, data)
  const hostId = await hostIdOf(data)
  const read = async (what: string) => (await fleet.call('GET', `/api/v1/hosts/${hostId}${what}`)).json()
  const identity = async () => HostIdentity.parse(await read('/identity'))
  const linkedAs = async (protocol: number) =>
    (await read('')).connected === true && (await identity()).protocol === protocol
  const ask = (notBefore?: Date) =>
    fleet.call('POST', '/api/v1/authorisations', {
      ...{ action: 'refresh', reason: 'to see it anew' },
      hosts: [{ id: hostId, ...(notBefore && { notBefore: notBefore.toISOString() }) }],
    })

  const before = programs.run(agentOf1, data)
  await shown('linked', () => linkedAs(1))
  await shown('its snapshot is shown', async () => (await read('')).kernelRelease === os.release())
  expect(await identity()).toMatchObject({ protocol: 1, readOnly: true, quarantine: null })
  expect((await ask()).json()).toMatchObject({ status: 409, detail: expect.stringContaining(READ_ONLY) })
  const { actions } = HostActions.parse(await read('/actions'))
  expect([...new Set(actions.map(({ refusal }) => refusal))]).toEqual([READ_ONLY])
  await before.end()

  // The agent of today takes the place of the old one, and something is asked for; then the old one is put back as it was.
  const dataOfToday = path.join(folder, 'data-1-of-today')
  await cp(data, dataOfToday, { recursive: true })
  const upgraded = programs.run(agentOfToday, dataOfToday)
  await shown('linked as of today', () => linkedAs(5))
  expect(await identity()).toMatchObject({ readOnly: false, quarantine: null })
  const asked = AuthorisationDetail.parse((await ask(new Date(backend.clock.now().getTime() + 60_000))).json())
  const command = async () =>
    CommandList.parse((await fleet.call('GET', `/api/v1/commands?authorisation=${asked.id}`)).json()).items[0]
  await upgraded.end()
  const downgraded = programs.run(agentOf1, data)
  await shown('linked as before', () => linkedAs(1))
  backend.clock.advance(61_000)
  await shown('its wave has begun', async () => (await command())?.waitingFor?.includes(READ_ONLY) === true)
  await backend.commands.look()
  expect(await command()).toMatchObject({ state: 'waiting', issuedAt: null, sentAt: null })
  expect(agents.linkCount()).toBe(1)
  expect(downgraded.said()).not.toContain('not connected')
  await downgraded.end()

  // To the agent of today it goes at once.
  const last = programs.run(agentOfToday, dataOfToday)
  await shown('sent', async () => ((await command())?.sentAt ?? null) !== null)
  await last.end()
  await fleet.end()
}, 90_000)

/** As far as it is used here. */
interface ServerOf1 {
  openCertificateAuthority(folder: string, now: Date): Promise<{ fingerprint: string }>
  createJoinToken(options: { caFingerprint: string; random: typeof randomBytes }): { token: string; hash: string }
  createMemoryStore(): {
    store: { addToken(token: { hash: string; labels: object; expiresAt: Date; createdBy: string }): Promise<void> }
    ingest: object
    host(id: string): { latest: { hello?: Hello; snapshot?: SnapshotMessage; heartbeat?: Heartbeat } }
  }
  startAgentServer(options: object): Promise<{ port: number; linkCount(): number; close(): Promise<void> }>
}

test('T21 the agent of today at the server of protocol 1: it links, is read, and acts on nothing', async () => {
  const old: ServerOf1 = await import(pathToFileURL(await programs.unpack('agent-server.mjs', 1)).href)
  const authority = await old.openCertificateAuthority(folder, new Date())
  const memory = old.createMemoryStore()
  const warnings: string[] = []
  const log = { info: () => undefined, warn: (_fields: object, text: string) => void warnings.push(text) }
  const server = await old.startAgentServer({
    ...{ host: '127.0.0.1', port: 0, authority, log, settings: HEARTBEATS },
    ...{ store: memory.store, ingest: memory.ingest },
  })
  const { token, hash } = old.createJoinToken({ caFingerprint: authority.fingerprint, random: randomBytes })
  await memory.store.addToken({ hash, labels: {}, expiresAt: new Date(Date.now() + 600_000), createdBy: 'admin' })
  const data = path.join(folder, 'data-2')
  await programs.enrol(agentOfToday, `https://127.0.0.1:${server.port}`, token, data)
  const { latest } = memory.host(await hostIdOf(data))

  const agent = programs.run(agentOfToday, data)
  await eventually('its kernel is known', () => latest.snapshot?.snapshot.kernel.release === os.release(), 20_000)
  await eventually('it goes on', () => latest.heartbeat?.snapshotHash === latest.snapshot?.hash)
  expect(latest.hello).toMatchObject({ protocol: 1, hostClass: 'lab' })
  expect(server.linkCount()).toBe(1)
  // What it says of protocols 5 to 2 is refused once at enrolment and once each at the link, and nothing after that.
  const refused = expect.stringMatching(/^agent link refused/)
  expect(warnings).toEqual([expect.stringMatching(/^The request body/), refused, refused, refused, refused])
  expect(await readStatus(data)).toMatchObject({ state: 'connected', lastCommand: null })
  await agent.end()
  expect(await readdir(data)).not.toContain('commands.journal')
  await server.close()
}, 60_000)

test('T21 the agent of protocol 2 as it was at the server of today: it links, is commanded, and how its kernel fares is not known', async () => {
  const fleet = await createTestFleet(1, HEARTBEATS)
  const data = path.join(folder, 'data-3')
  await programs.enrol(agentOf2, fleet.first.server, (await fleet.token()).token, data)
  const hostId = await hostIdOf(data)
  const read = async (what: string) => (await fleet.call('GET', `/api/v1/hosts/${hostId}${what}`)).json()
  const told = async () => HostKernelReadings.parse(await read('/kernel-readings'))

  const before = programs.run(agentOf2, data)
  await shown('its snapshot is shown', async () => (await read('')).kernelRelease === os.release())
  expect(HostIdentity.parse(await read('/identity'))).toMatchObject({ protocol: 2, readOnly: false })
  expect(await told()).toMatchObject({ readings: null, unknown: expect.stringContaining('older') })
  await before.end()
  expect(before.said()).not.toContain('not connected')

  const upgraded = programs.run(agentOfToday, data)
  await shown('how its kernel fares is told', async () => (await told()).readings?.load != null)
  await upgraded.end()
  await fleet.end()
}, 60_000)

/** As far as it is used here. */
interface ServerOf2 extends Omit<ServerOf1, 'openCertificateAuthority'> {
  openCertificateAuthorities(folder: string, now: Date): Promise<{ shown(): { fingerprint: string } }>
  openCommandKey(folder: string): Promise<unknown>
}

test('T21 the agent of today at the server of protocol 2 as it was: it says nothing that ends the link', async () => {
  const old: ServerOf2 = await import(pathToFileURL(await programs.unpack('agent-server.mjs', 2)).href)
  const authorities = await old.openCertificateAuthorities(folder, new Date())
  const memory = old.createMemoryStore()
  const warnings: string[] = []
  const log = { info: () => undefined, warn: (_fields: object, text: string) => void warnings.push(text) }
  const server = await old.startAgentServer({
    ...{ host: '127.0.0.1', port: 0, authorities, log, settings: HEARTBEATS },
    ...{ commandKey: await old.openCommandKey(folder), store: memory.store, ingest: memory.ingest },
  })
  const { fingerprint: caFingerprint } = authorities.shown()
  const { token, hash } = old.createJoinToken({ caFingerprint, random: randomBytes })
  await memory.store.addToken({ hash, labels: {}, expiresAt: new Date(Date.now() + 600_000), createdBy: 'admin' })
  const data = path.join(folder, 'data-4')
  await programs.enrol(agentOfToday, `https://127.0.0.1:${server.port}`, token, data)
  const { latest } = memory.host(await hostIdOf(data))

  const agent = programs.run(agentOfToday, data)
  await eventually('its kernel is known', () => latest.snapshot?.snapshot.kernel.release === os.release(), 20_000)
  // By its third heartbeat it would have told how its kernel fares.
  expect(latest.hello).toMatchObject({ protocol: 2, policy: { hostClass: 'lab' } })
  const first = latest.heartbeat?.sequence ?? 0
  await eventually('it goes on', () => (latest.heartbeat?.sequence ?? 0) > first + 2, 20_000)
  const refused = expect.stringMatching(/^agent link refused/) // of protocols 5 to 3
  expect(warnings).toEqual([refused, refused, refused])
  expect(Object.keys(latest)).not.toContain('kernel_readings')
  await agent.end()
  await server.close()
}, 60_000)
