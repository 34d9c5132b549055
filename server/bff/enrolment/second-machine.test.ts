// Goal: a second machine under a host's identity is found, and nothing else is taken for one. Method: hellos over real
// mutual TLS into a real PostgreSQL, as two machines with the same key and certificate would send them.
import { generateKeyPairSync } from 'node:crypto'
import { HostIdentity } from '@rebootless/shared/contract/host-identity.ts'
import { ENROL_PATH } from '@rebootless/shared/domain/agent-link.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askForCertificate } from '../../agent/link/ask-for-certificate.ts'
import { dial } from '../../agent/link/dial.ts'
import { fetchPinnedAuthority } from '../../agent/link/pinned-authority.ts'
import { addressOf } from '../../agent/link/server-address.ts'
import { eventually, helloMessage } from '../link/link-test-bench.ts'
import { createTestFleet, enrolBody, type TestFleet } from './test-fleet.ts'

let fleet: TestFleet
beforeAll(async () => {
  // Its links come and go faster than a host may.
  fleet = await createTestFleet(1, {
    messages: { burst: 1000, perSecond: 1000 },
    links: { burst: 1000, perSecond: 1000 },
  })
})
afterAll(() => fleet.end())

const MACHINE = 'a'.repeat(64)
const OTHER = 'b'.repeat(64)

const newHost = async (change: object = { machineId: MACHINE }) => {
  const { token } = await fleet.token()
  const { server } = fleet.first
  const address = addressOf(server)
  const authority = await fetchPinnedAuthority(address, token.split('.')[2] ?? '')
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const answer = await askForCertificate({ address, authority }, ENROL_PATH, enrolBody(privateKey, token, change))
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const identity = { ...answer, server, privateKey: pem, enrolledAt: new Date().toISOString() }
  let epoch = 0
  /** Opens a link, says this, and closes it; what the server said meanwhile. */
  const speak = async (said: object): Promise<string[]> => {
    epoch += 1
    const socket = dial(identity)
    const types: string[] = []
    socket.on('message', (data) => types.push(JSON.parse(String(data)).type))
    socket.on('open', () => socket.send(JSON.stringify(helloMessage(1, { epoch, protocol: 2, ...said }))))
    await eventually('acknowledged', () => types.includes('acknowledged'))
    socket.terminate()
    return types
  }
  const known = async () =>
    HostIdentity.parse((await fleet.call('GET', `/api/v1/hosts/${answer.hostId}/identity`)).json())
  return { hostId: answer.hostId, speak, known }
}

describe('T18 a second machine under one identity', () => {
  test('by another machine id: the host is quarantined, seen, marked in the list and audited', async () => {
    const { hostId, speak, known } = await newHost()
    await speak({ machineId: MACHINE, bootId: 'one' })
    expect((await known()).quarantine).toBeNull()
    await speak({ machineId: OTHER, bootId: 'two', agentVersion: 'seen' })
    expect((await known()).quarantine).toMatchObject({ reason: expect.stringContaining('Another machine speaks') })
    const host = (await fleet.call('GET', `/api/v1/hosts/${hostId}`)).json()
    expect(host).toMatchObject({ quarantined: true, agentVersion: 'seen' })
    expect((await fleet.audited('host.quarantine')).map(({ target, actor }) => ({ target, actor }))).toContainEqual({
      target: { kind: 'host', id: hostId, name: 'host-a' },
      actor: { kind: 'server', id: null, name: 'rebootless', address: null },
    })
  })

  test('by a boot that comes back after another began, also where the machine ids are the same', async () => {
    const { speak, known } = await newHost({})
    await speak({ bootId: 'mine' })
    await speak({ bootId: 'clone' })
    expect((await known()).quarantine).toBeNull()
    await speak({ bootId: 'mine' })
    expect((await known()).quarantine).toMatchObject({ reason: expect.stringContaining('Two machines speak') })
  })

  test('not by reboots, by links that come and go, nor by an agent that says nothing of its machine', async () => {
    const { speak, known } = await newHost()
    for (const bootId of ['one', 'one', 'two', 'two', 'three', null]) {
      await speak({ machineId: MACHINE, bootId })
      await speak({ bootId })
    }
    expect((await known()).quarantine).toBeNull()
  })

  test('not on simulated and recorded kernels, which are played again from their beginning', async () => {
    const { hostId, speak, known } = await newHost()
    await fleet.database.kysely.updateTable('hosts').set({ origin: 'simulated' }).where('id', '=', hostId).execute()
    for (const bootId of ['one', 'two', 'one']) await speak({ bootId })
    expect((await known()).quarantine).toBeNull()
  })

  test('is lifted with a reason, and the machine that speaks next is the host', async () => {
    const { hostId, speak, known } = await newHost()
    await speak({ machineId: MACHINE, bootId: 'one' })
    await speak({ machineId: OTHER, bootId: 'two' })
    const lift = (body: object) => fleet.call('POST', `/api/v1/hosts/${hostId}/lift-quarantine`, body)
    expect((await lift({ reason: ' ' })).status).toBe(400)
    expect((await lift({ reason: 'the disk moved into a new machine' })).status).toBe(204)
    expect((await known()).quarantine).toBeNull()
    await speak({ machineId: OTHER, bootId: 'two' })
    expect((await known()).quarantine).toBeNull()
    await speak({ machineId: MACHINE, bootId: 'one' })
    expect((await known()).quarantine).not.toBeNull()
    expect(await fleet.audited('host.lift_quarantine')).toMatchObject([{ reason: 'the disk moved into a new machine' }])
  })

  test('a person may quarantine as well', async () => {
    const { hostId, known } = await newHost()
    expect((await fleet.call('POST', `/api/v1/hosts/${hostId}/quarantine`, { reason: 'stolen laptop' })).status).toBe(
      204,
    )
    expect((await known()).quarantine).toMatchObject({ reason: 'stolen laptop' })
  })
})

describe('T21 versions next to each other', () => {
  test('an agent of protocol 1 is read, told nothing new, and shown as too old to be commanded', async () => {
    const { speak, known } = await newHost({})
    expect(await speak({ protocol: 1 })).not.toContain('authorities')
    expect(await known()).toMatchObject({ protocol: 1, readOnly: true })
    expect(await speak({ protocol: 2 })).toContain('authorities')
    expect(await known()).toMatchObject({ protocol: 2, readOnly: false })
  })
})
