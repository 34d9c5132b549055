// Goal: a host speaks for itself and for no other, whatever it holds, copies or says again (T16, T18, T19). Method: the
// whole backend over PostgreSQL, its agents' port over real mutual TLS, a host whose root forges and one that it is after.
import 'reflect-metadata'
import { generateKeyPairSync, webcrypto, X509Certificate } from 'node:crypto'
import { request } from 'node:https'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequestGenerator,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { AgentMessage } from '@rebootless/shared/contract/agent-message.ts'
import { CommandList } from '@rebootless/shared/contract/commands-api.ts'
import { HostIdentity } from '@rebootless/shared/contract/host-identity.ts'
import { ARTEFACTS_PATH, ENROL_PATH, RENEW_PATH, SERVER_NAME } from '@rebootless/shared/domain/agent-link.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askForCertificate } from '../../agent/link/ask-for-certificate.ts'
import { dial } from '../../agent/link/dial.ts'
import { fetchPinnedAuthority } from '../../agent/link/pinned-authority.ts'
import { addressOf } from '../../agent/link/server-address.ts'
import { createTestFleet, enrolBody, type TestFleet } from '../enrolment/test-fleet.ts'
import { hashOf, kernelReadings, patchedSnapshot, taskLook } from '../ingest/test-messages.ts'
import { testModule } from '../patches/module/test-module.ts'
import { eventually, helloMessage } from './link-test-bench.ts'

const ECDSA_P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const LAB = {
  ...{ hostClass: 'lab', reason: null, approvers: [], threshold: 1, hours: null, neverForce: false, stopped: false },
}

let fleet: TestFleet
beforeAll(async () => {
  // A forger comes back more often than a host may.
  const unlimited = { burst: 100_000, perSecond: 100_000 }
  fleet = await createTestFleet(1, { messages: unlimited, links: unlimited, changes: unlimited })
})
afterAll(() => fleet.end())

/** A host that is enrolled, and of which the test is the agent. */
const newHost = async (name: string, machineId: string) => {
  const { token } = await fleet.token()
  const { server } = fleet.first
  const address = addressOf(server)
  const authority = await fetchPinnedAuthority(address, token.split('.')[2] ?? '')
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const body = enrolBody(privateKey, token, { hostName: name, machineId })
  const answer = await askForCertificate({ address, authority }, ENROL_PATH, body)
  const { hostId } = answer
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const identity = { ...answer, server, privateKey: pem, enrolledAt: new Date().toISOString() }
  let sequence = 0
  const stamp = () => {
    sequence += 1
    return { epoch: 1, sequence, sentAt: new Date().toISOString() }
  }
  const words = {
    hello: (change: object = {}) =>
      helloMessage(0, {
        ...{
          ...stamp(),
          protocol: 2,
          hostName: name,
          hostClass: 'lab',
          policy: LAB,
          machineId,
          bootId: `boot of ${name}`,
        },
        ...change,
      }),
    snapshot: (change: object = {}) => ({
      ...{ type: 'snapshot', ...stamp(), hash: hashOf(sequence), snapshot: patchedSnapshot({ hostName: name }) },
      ...change,
    }),
    heartbeat: (change: object = {}) => ({ type: 'heartbeat', ...stamp(), snapshotHash: hashOf(2), ...change }),
    transition: (change: object = {}) => ({ type: 'transition', ...stamp(), sample: null, ...change }),
    kernel_readings: (change: object = {}) => ({
      ...{ type: 'kernel_readings', ...stamp() },
      readings: kernelReadings(),
      ...change,
    }),
    task_look: (change: object = {}) => ({ type: 'task_look', ...stamp(), look: taskLook(), ...change }),
    result: (change: object = {}) => ({
      ...{ type: 'result', ...stamp(), commandId: crypto.randomUUID(), state: 'done', code: null, detail: 'said' },
      at: new Date().toISOString(),
      ...change,
    }),
  }
  const open = async () => {
    const socket = dial(identity)
    const received: Record<string, unknown>[] = []
    socket.on('message', (data) => received.push(JSON.parse(String(data))))
    socket.on('error', () => undefined)
    const closed = new Promise<number>((resolve) => socket.once('close', resolve))
    await new Promise((resolve) => socket.once('open', resolve))
    const of = (type: string) => received.filter((message) => message.type === type)
    return {
      ...{ socket, received, closed, of },
      say: (message: object) => socket.send(JSON.stringify(message)),
      /** Says it, and waits until it is stored. */
      async tell(message: object): Promise<void> {
        const before = of('acknowledged').length
        socket.send(JSON.stringify(message))
        await eventually('acknowledged', () => of('acknowledged').length === before + 1)
      },
    }
  }
  return { ...{ hostId, identity, address, authority, privateKey, words, open, name, machineId } }
}
type Host = Awaited<ReturnType<typeof newHost>>

/** All that is stored of a host but when it was heard last. */
const storedOf = async ({ hostId }: Host): Promise<string> => {
  const { kysely } = fleet.database
  const row = await kysely.selectFrom('hosts').selectAll().where('id', '=', hostId).executeTakeFirstOrThrow()
  const readings = await kysely
    .selectFrom('host_readings')
    .selectAll()
    .where('host_id', '=', hostId)
    .orderBy('kind')
    .execute()
  const { last_seen_at: _, link_id: __, ...kept } = row
  return JSON.stringify({ kept, readings })
}

const isConnected = async ({ hostId }: Host): Promise<boolean> =>
  (await fleet.call('GET', `/api/v1/hosts/${hostId}`)).json<{ connected: boolean }>().connected

/** One that is linked and read, on a link of its own. */
const linkedHost = async (name: string, machineId: string) => {
  const host = await newHost(name, machineId)
  const link = await host.open()
  await link.tell(host.words.hello())
  await link.tell(host.words.snapshot())
  return { ...host, link }
}

let victim: Host & { link: Awaited<ReturnType<Host['open']>> }
let forger: Host
beforeAll(async () => {
  victim = await linkedHost('victim', 'a'.repeat(64))
  forger = await newHost('forger', 'b'.repeat(64))
})
afterAll(() => victim.link.socket.terminate())

describe('T16 a certificate', () => {
  const refusalOf = (key: string, cert: string): Promise<string> =>
    new Promise((resolve) => {
      const socket = dial({ ...forger.identity, privateKey: key, certificate: cert })
      socket.once('open', () => resolve('let in'))
      socket.once('error', (error) => resolve(error.message))
      socket.once('unexpected-response', async (_request, response) => {
        let text = ''
        for await (const chunk of response) text += chunk
        resolve(JSON.parse(text).type)
      })
    })

  test('of another host, shown behind one’s own, opens a link of one’s own', async () => {
    const { privateKey, certificate } = forger.identity
    const socket = dial({
      ...forger.identity,
      privateKey,
      certificate: `${certificate}\n${victim.identity.certificate}`,
    })
    await new Promise((resolve) => socket.once('open', resolve))
    socket.send(JSON.stringify(forger.words.hello()))
    await eventually('it is the forger', () => isConnected(forger))
    expect(victim.link.socket.readyState).toBe(victim.link.socket.OPEN)
    socket.terminate()
    await eventually('its end is the forger’s', async () => !(await isConnected(forger)))
    expect(await isConnected(victim)).toBe(true)
  })

  test.each(['its own agent certificate', 'nobody'] as const)(
    'in the name of another, signed by %s, opens nothing',
    async (signer) => {
      const keys = await webcrypto.subtle.generateKey(ECDSA_P256, true, ['sign', 'verify'])
      const own = new X509Certificate(forger.identity.certificate)
      const signingKey =
        signer === 'nobody'
          ? keys.privateKey
          : await webcrypto.subtle.importKey(
              'pkcs8',
              forger.privateKey.export({ type: 'pkcs8', format: 'der' }),
              ECDSA_P256,
              false,
              ['sign'],
            )
      const forged = await X509CertificateGenerator.create({
        serialNumber: new X509Certificate(victim.identity.certificate).serialNumber,
        subject: `CN=${victim.hostId}`,
        issuer: signer === 'nobody' ? new X509Certificate(victim.identity.certificate).issuer : own.subject,
        notBefore: new Date(Date.now() - 60_000),
        notAfter: new Date(Date.now() + 3_600_000),
        signingAlgorithm: ECDSA_P256,
        publicKey: keys.publicKey,
        signingKey,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth], true),
        ],
      })
      const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
      const key = `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n`
      const chain = `${forged.toString('pem')}\n${forger.identity.certificate}`
      expect(await refusalOf(key, chain)).toBe('/problems/certificate_refused')
      expect(victim.link.socket.readyState).toBe(victim.link.socket.OPEN)
    },
  )

  test('is renewed for who holds it, whatever name he asks for', async () => {
    const keys = await webcrypto.subtle.generateKey(ECDSA_P256, true, ['sign', 'verify'])
    const wanted = await Pkcs10CertificateRequestGenerator.create({
      ...{ name: `CN=${victim.hostId}`, keys, signingAlgorithm: ECDSA_P256 },
    })
    const own = { key: forger.identity.privateKey, cert: forger.identity.certificate }
    const server = { address: forger.address, authority: forger.authority, own }
    const answer = await askForCertificate(server, RENEW_PATH, {
      ...{ certificateRequest: wanted.toString('pem'), protocol: 2 },
    })
    expect(answer.hostId).toBe(forger.hostId)
    expect(new X509Certificate(answer.certificate).subject).toBe(`CN=${forger.hostId}`)
  })
})

describe('T18 a message', () => {
  const types = AgentMessage.options.map(({ shape }) => shape.type.value)
  const ids = ['hostId', 'host', 'id', 'certificate'] as const

  test.each(types.flatMap((type) => ids.map((key) => [type, key] as const)))(
    '%s that names another host by “%s” ends the link and changes neither',
    async (type, key) => {
      const link = await forger.open()
      await link.tell(forger.words.hello())
      const before = [await storedOf(victim), await storedOf(forger)]
      link.say(forger.words[type]({ [key]: victim.hostId }))
      expect(await link.closed).toBe(1008)
      expect(link.of('refused')).toMatchObject([{ code: 'agent_frame_invalid' }])
      await eventually('its end is stored', async () => !(await isConnected(forger)))
      const after = [await storedOf(victim), await storedOf(forger)].map((text) => text.replace(/"revision":\d+/, ''))
      expect(after[0]).toBe(before[0]?.replace(/"revision":\d+/, ''))
      expect(JSON.parse(after[1] ?? '').readings).toEqual(JSON.parse(before[1] ?? '').readings)
      expect(victim.link.socket.readyState).toBe(victim.link.socket.OPEN)
    },
  )

  test('that takes all of another’s names is its sender’s own, and costs the other nothing', async () => {
    const before = await storedOf(victim)
    const link = await forger.open()
    const { name: hostName, machineId } = victim
    await link.tell(forger.words.hello({ hostName, machineId, bootId: 'boot of victim' }))
    await link.tell(forger.words.snapshot({ snapshot: patchedSnapshot({ hostName: 'victim', livepatches: [] }) }))
    await link.tell(forger.words.heartbeat())
    expect(await storedOf(victim)).toBe(before)
    await victim.link.tell(victim.words.heartbeat())
    const known = HostIdentity.parse((await fleet.call('GET', `/api/v1/hosts/${victim.hostId}/identity`)).json())
    expect(known.quarantine).toBeNull()
    const two = (await fleet.call('GET', '/api/v1/hosts?filter=name:victim')).json<{ items: { id: string }[] }>()
    expect(two.items.map(({ id }) => id).sort(), 'both are shown').toEqual([victim.hostId, forger.hostId].sort())
    // A machine that is not the one that enrolled: the forger itself is no longer commanded.
    const own = HostIdentity.parse((await fleet.call('GET', `/api/v1/hosts/${forger.hostId}/identity`)).json())
    expect(own.quarantine).toMatchObject({ reason: expect.stringContaining('Another machine') })
    link.socket.terminate()
  })

  test('T19 of another, said again word for word over one’s own link, is one’s own', async () => {
    const before = await storedOf(victim)
    const heard = [victim.words.hello(), victim.words.snapshot(), victim.words.transition(), victim.words.heartbeat()]
    const link = await forger.open()
    for (const message of heard) await link.tell(message)
    expect(await storedOf(victim)).toBe(before)
    link.socket.terminate()
  })

  test('T19 of one’s own, said again later, changes nothing', async () => {
    const host = await linkedHost('replayed', 'c'.repeat(64))
    const heard = [host.words.hello(), host.words.snapshot(), host.words.transition(), host.words.heartbeat()]
    for (const message of heard) await host.link.tell(message)
    await host.link.tell(host.words.snapshot({ snapshot: patchedSnapshot({ hostName: 'replayed', livepatches: [] }) }))
    const before = await storedOf(host)
    for (const message of [...heard, ...heard.toReversed()]) {
      host.link.say(message)
    }
    await eventually('all were heard', () => host.link.of('acknowledged').length === 2 + 4 + 1 + 8)
    expect(JSON.parse(await storedOf(host)).readings).toEqual(JSON.parse(before).readings)
    host.link.socket.terminate()
  })
})

describe('T19 a result', () => {
  let artefact: string
  beforeAll(async () => {
    const cookie = await fleet.first.backend.signIn()
    const uploaded = await fleet.first.backend.call('POST', '/api/v1/patches', {
      ...{ cookie, bytes: testModule({ name: 'lp_new' }), headers: { 'content-type': 'application/octet-stream' } },
    })
    artefact = uploaded.json<{ id: string }>().id
  })

  /** A host that was told to load a module. */
  const commanded = async (name: string, notBefore?: string) => {
    const host = await linkedHost(name, name.charCodeAt(0).toString(16).repeat(32))
    const asked = await fleet.call('POST', '/api/v1/authorisations', {
      ...{ action: 'load', artefact, reason: 'a test', hosts: [{ id: host.hostId, ...(notBefore && { notBefore }) }] },
    })
    expect(asked.status, asked.text).toBe(201)
    const { id } = asked.json<{ id: string }>()
    const command = async () => {
      const list = CommandList.parse((await fleet.call('GET', `/api/v1/commands?authorisation=${id}`)).json())
      const [first] = list.items
      if (first === undefined) throw new Error('a request without a command')
      return first
    }
    if (notBefore === undefined) await eventually('sent', () => host.link.of('command').length === 1)
    const audited = async () =>
      (await Promise.all(['command.start', 'command.result'].map((action) => fleet.audited(action))))
        .flat()
        .filter((entry) => JSON.stringify(entry).includes(id))
    return { ...host, command, audited }
  }

  test('of another’s command changes nothing and is nowhere told of, whatever it says', async () => {
    const host = await commanded('told')
    const other = await linkedHost('liar', 'd'.repeat(64))
    const before = await host.command()
    expect(before).toMatchObject({ state: 'sent', startedAt: null })
    for (const state of ['started', 'done', 'refused', 'failed', 'unknown'] as const)
      await other.link.tell(other.words.result({ commandId: before.id, state, code: 'frozen' }))
    expect(await host.command()).toEqual(before)
    expect(await host.audited()).toEqual([])
    for (const { link } of [host, other]) link.socket.terminate()
  })

  test('said again, or another after the first end, changes nothing, on this link and on the next', async () => {
    const host = await commanded('again')
    const { id: commandId } = await host.command()
    const failed = host.words.result({ commandId, state: 'failed', code: 'EBUSY' })
    const started = host.words.result({ commandId, state: 'started' })
    await host.link.tell(started)
    await host.link.tell(failed)
    const ended = await host.command()
    expect(ended).toMatchObject({ state: 'failed', code: 'EBUSY' })
    const written = await host.audited()
    expect(written.map(({ action }) => action)).toEqual(['command.start', 'command.result'])
    const later = ['done', 'started', 'refused', 'unknown'].map((state) => host.words.result({ commandId, state }))
    for (const message of [failed, started, ...later]) await host.link.tell(message)
    host.link.socket.terminate()
    const next = await host.open()
    await next.tell(host.words.hello())
    for (const message of [...later, failed]) await next.tell(message)
    expect(await host.command()).toEqual(ended)
    expect(await host.audited()).toEqual(written)
    expect(next.of('command')).toEqual([])
    next.socket.terminate()
  })

  test('of a command that was not sent yet changes nothing', async () => {
    const host = await commanded('early', new Date(Date.now() + 3_600_000).toISOString())
    const before = await host.command()
    expect(before.state).toBe('waiting')
    await host.link.tell(host.words.result({ commandId: before.id, state: 'done' }))
    expect(await host.command()).toEqual(before)
    expect(await host.audited()).toEqual([])
    host.link.socket.terminate()
  })

  test('T18 nor does a module go to another than the host that has a command for it', async () => {
    const host = await commanded('module')
    const statusFor = ({ identity, address, authority }: Host): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const { privateKey: key, certificate: cert } = identity
        const options = { ...address, key, cert, ca: authority, servername: SERVER_NAME, agent: false }
        request({ ...options, path: `${ARTEFACTS_PATH}${artefact}` }, (response) => {
          response.resume().once('end', () => resolve(response.statusCode))
        })
          .once('error', reject)
          .end()
      })
    expect(await statusFor(host)).toBe(200)
    expect(await statusFor(victim)).toBe(404)
    host.link.socket.terminate()
  })
})
