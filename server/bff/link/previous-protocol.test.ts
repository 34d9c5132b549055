// Goal: the protocol before today's is whole in both directions: hosts and servers are upgraded one after the other, in any order, and
// put back. Method: the real programs of then (protocol-4/README.md) and of today as processes over real TLS; today's server is a
// whole one over PostgreSQL.
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { CommandResult, Heartbeat, Hello, SnapshotMessage } from '@rebootless/shared/contract/agent-message.ts'
import type { Authorisation, Command } from '@rebootless/shared/contract/command.ts'
import { AuthorisationDetail, CommandList } from '@rebootless/shared/contract/commands-api.ts'
import { HostIdentity } from '@rebootless/shared/contract/host-identity.ts'
import { HostKernelReadings } from '@rebootless/shared/contract/kernel-readings.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { buildAgent } from '../../build/build-agent.ts'
import { createTestFleet } from '../enrolment/test-fleet.ts'
import type { CommandKey } from './command-key.ts'
import { eventually } from './link-test-bench.ts'
import type { CommandLink } from './ports.ts'
import { hostIdOf, shown, startProgramsOfThen } from './test-programs-of-then.ts'

const HEARTBEATS = { heartbeatIntervalMs: 200 }

let programs: Awaited<ReturnType<typeof startProgramsOfThen>>
let agentOf4: string
let agentOfToday: string
beforeAll(async () => {
  programs = await startProgramsOfThen()
  agentOf4 = await programs.unpack('agent.mjs', 4)
  agentOfToday = await buildAgent(path.join(programs.folder, 'today', 'agent.mjs'))
})
afterEach(() => programs.endAll())
afterAll(() => programs.end())

test('T21 an agent of protocol 4 at the server of today links, tells and obeys; so does today’s over what it left, and it again', async () => {
  const fleet = await createTestFleet(1, HEARTBEATS)
  const data = path.join(programs.folder, 'data-4')
  await programs.enrol(agentOf4, fleet.first.server, (await fleet.token()).token, data)
  const hostId = await hostIdOf(data)
  const read = async (what: string) => (await fleet.call('GET', `/api/v1/hosts/${hostId}${what}`)).json()
  const linkedAs = async (protocol: number) =>
    (await read('')).connected === true && HostIdentity.parse(await read('/identity')).protocol === protocol

  for (const [agent, protocol] of [
    [agentOf4, 4],
    [agentOfToday, 5],
    [agentOf4, 4],
  ] as const) {
    const running = programs.run(agent, data)
    await shown(`linked as of protocol ${protocol}`, () => linkedAs(protocol))
    await shown('its snapshot is shown', async () => (await read('')).kernelRelease === os.release())
    await shown('how its kernel fares is told', async () => {
      const { readings } = HostKernelReadings.parse(await read('/kernel-readings'))
      return readings?.load != null
    })
    expect(HostIdentity.parse(await read('/identity'))).toMatchObject({ readOnly: false, quarantine: null })
    const asked = await fleet.call('POST', '/api/v1/authorisations', {
      ...{ action: 'refresh', reason: 'to see it anew', hosts: [{ id: hostId }] },
    })
    const { id } = AuthorisationDetail.parse(asked.json())
    await shown('it has done what was asked', async () => {
      const list = CommandList.parse((await fleet.call('GET', `/api/v1/commands?authorisation=${id}`)).json())
      return list.items[0]?.state === 'done'
    })
    await running.end()
    expect(running.said()).not.toContain('not connected')
  }
  await fleet.end()
}, 90_000)

/** As far as it is used here. */
interface ServerOf4 {
  openCertificateAuthorities(folder: string, now: Date): Promise<{ shown(): { fingerprint: string } }>
  openCommandKey(folder: string): Promise<CommandKey>
  createJoinToken(options: { caFingerprint: string; random: typeof randomBytes }): { token: string; hash: string }
  createMemoryStore(): {
    store: { addToken(token: { hash: string; labels: object; expiresAt: Date; createdBy: string }): Promise<void> }
    ingest: object
    host(id: string): { latest: { hello?: Hello; snapshot?: SnapshotMessage; heartbeat?: Heartbeat } }
  }
  startAgentServer(options: object): Promise<{ port: number; close(): Promise<void> }>
}

test('T21 the agent of today at the server of protocol 4 links, tells and obeys, and says nothing that ends the link', async () => {
  const old: ServerOf4 = await import(pathToFileURL(await programs.unpack('agent-server.mjs', 4)).href)
  const authorities = await old.openCertificateAuthorities(programs.folder, new Date())
  const commandKey = await old.openCommandKey(programs.folder)
  const memory = old.createMemoryStore()
  const warnings: string[] = []
  const log = { info: () => undefined, warn: (_fields: object, text: string) => void warnings.push(text) }
  const links: CommandLink[] = []
  const results: CommandResult[] = []
  const server = await old.startAgentServer({
    ...{ host: '127.0.0.1', port: 0, authorities, log, settings: HEARTBEATS, commandKey },
    ...{ store: memory.store, ingest: memory.ingest },
    commands: {
      linkOpened: (link: CommandLink) => void links.push(link),
      linkClosed: () => undefined,
      accept: async (_hostId: string, result: CommandResult) => void results.push(result),
      artefact: async () => undefined,
    },
  })
  const { fingerprint: caFingerprint } = authorities.shown()
  const { token, hash } = old.createJoinToken({ caFingerprint, random: randomBytes })
  await memory.store.addToken({ hash, labels: {}, expiresAt: new Date(Date.now() + 600_000), createdBy: 'admin' })
  const data = path.join(programs.folder, 'data-5')
  await programs.enrol(agentOfToday, `https://127.0.0.1:${server.port}`, token, data)
  const hostId = await hostIdOf(data)
  const { latest } = memory.host(hostId)

  const agent = programs.run(agentOfToday, data)
  await eventually('its kernel is known', () => latest.snapshot?.snapshot.kernel.release === os.release(), 20_000)
  expect(latest.hello).toMatchObject({ protocol: 4, policy: { hostClass: 'lab' } })
  expect(latest).toMatchObject({ kernel_readings: { readings: { load: expect.anything() } } })
  const [link] = links
  if (link === undefined) throw new Error('no link that may be commanded')
  link.send({ type: 'command', ...refreshOf(hostId, link.publicKey, commandKey) })
  await eventually('it has done what was asked', () => results.some(({ state }) => state === 'done'), 20_000)
  const first = latest.heartbeat?.sequence ?? 0
  await eventually('it goes on', () => (latest.heartbeat?.sequence ?? 0) > first + 2, 20_000)
  // Of protocol 5, once.
  expect(warnings).toEqual([expect.stringMatching(/^agent link refused/)])
  expect(links).toHaveLength(1)
  await agent.end()
  await server.close()
}, 60_000)

/** As the server of then signs it, for a host whose class needs no approver. */
const refreshOf = (hostId: string, hostKey: Buffer, key: CommandKey) => {
  const now = Date.now()
  const at = (milliseconds: number) => new Date(now + milliseconds).toISOString()
  const authorisation: Authorisation = {
    ...{ version: 1, id: randomUUID(), action: 'refresh', patch: null, artefact: null, kernel: null, provider: null },
    ...{ target: null, blockingTasks: [], hosts: [{ id: hostId, notBefore: at(-1000) }], expiresAt: at(600_000) },
    ...{ rollout: null, downgrade: false, reversal: false, reason: 'to see it anew', requestedBy: 'admin' },
    requestedAt: at(-1000),
  }
  const payload = canonicalJson(authorisation)
  const sha256 = (of: string | Buffer) => createHash('sha256').update(of).digest('hex')
  const command: Command = {
    ...{ version: 1, id: randomUUID(), authorisation: sha256(payload), part: 'action', hostId },
    ...{ hostKey: sha256(hostKey), epoch: 1, sequence: 1, issuedAt: at(0), expiresAt: at(300_000) },
  }
  return {
    authorisation: { type: PAYLOAD_TYPES.authorisation, payload, signatures: [] },
    command: key.sign(PAYLOAD_TYPES.command, canonicalJson(command)),
  }
}
