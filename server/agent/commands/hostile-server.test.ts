// Goal: whoever holds the server with every key in it can make a host of class production do nothing but what its approvers
// signed, for that host, kernel and time, and once (T22). Method: the real agent over its own data directory and a simulated
// kernel; a server of the test's own that signs with the server's key whatever it likes; all that reaches kernel and programs is
// counted, and the reason of each refusal must be the right one.
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CommandMessage } from '@rebootless/shared/contract/agent-message.ts'
import type { Authorisation, Command } from '@rebootless/shared/contract/command.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { openCertificateAuthority } from '../../bff/link/certificate-authority.ts'
import { eventually } from '../../bff/link/link-test-bench.ts'
import { createLiveHost } from '../../sim/fleet/live-host.ts'
import { SimulatedHost } from '../../sim/fleet/simulated-host.ts'
import { simulatedModule } from '../../sim/fleet/simulated-module.ts'
import { keptArtefacts } from '../acts/private-files.ts'
import type { HostPolicy } from '../config/host-policy.ts'
import { createSystemClock } from '../kernel/system-clock.ts'
import { writeIdentity } from '../link/identity.ts'
import type { ResultFacts } from '../link/outbox.ts'
import { runAgent } from '../run-agent.ts'
import { createObserver } from '../watch/observer.ts'
import { keyOf } from './start-commands.ts'
import {
  authorisationOf,
  commandOf,
  freezeOf,
  HOST_ID,
  idOf,
  instant,
  newKey,
  sha256,
  signedBy,
  type TestKey,
} from './test-commands.ts'
import { benchPlan } from './test-plans.ts'

const clock = createSystemClock()
const plan = benchPlan()
const patch = plan.patches.at(-1)
const name = patch?.image.name ?? ''
const module = patch === undefined ? new Uint8Array() : simulatedModule(patch, plan)
const [server, ada, bob, eve] = [newKey(), newKey(), newKey(), newKey()]
const policy: HostPolicy = {
  ...{ hostClass: 'production', reason: null },
  config: {
    ...{ class: 'production', threshold: 2, neverForce: true },
    approvers: [
      { name: 'ada', publicKey: ada.publicKey },
      { name: 'bob', publicKey: bob.publicKey },
    ],
  },
}

let folder: string
let dataDirectory: string
let hostKey = ''
/** As the host itself tells it. */
let buildId: string | null = null
let hostile: WebSocketServer
let socket: WebSocket | undefined
const results: ResultFacts[] = []
const acknowledgements: unknown[] = []
const acts: string[] = []
let helloPolicy: unknown
let stopAgent: () => Promise<void> = async () => undefined
const live = createLiveHost(new SimulatedHost({ plan, startedAtMs: clock.now() }), {
  clock,
  startedUs: clock.monotonicMicroseconds(),
})

const startAgent = async () => {
  const boot = await live.poweredOn(new AbortController().signal)
  if (boot === null) throw new Error('off')
  const stop = new AbortController()
  const noted = <T>(what: string, run: () => Promise<T>) => {
    acts.push(what)
    return run()
  }
  const running = runAgent({
    observer: createObserver({ ...boot, architecture: plan.architecture }),
    ...{ clock, dataDirectory, hostName: plan.name, origin: 'agent', signal: stop.signal, random: () => 0 },
    ...{ log: { info: () => undefined, warn: () => undefined }, policy: async () => policy },
    dial: () => new WebSocket(`ws://127.0.0.1:${(hostile.address() as { port: number }).port}`),
    acts: {
      ...boot,
      fs: {
        ...boot.fs,
        write: (path, text) => noted(`write ${path} ${text}`, () => boot.fs.write(path, text)),
        signal: async (tid, signal) => noted(`${signal} ${tid}`, async () => ({ ok: true, value: undefined })),
      },
      programs: {
        run: (program, args, limits) =>
          noted(`${program} ${args.join(' ')}`, () => boot.programs.run(program, args, limits)),
      },
    },
  })
  stopAgent = async () => {
    stop.abort()
    await running
  }
  await eventually('linked', () => socket !== undefined && socket.readyState === WebSocket.OPEN)
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rebootless-hostile-'))
  dataDirectory = join(folder, 'agent')
  const authority = await openCertificateAuthority(folder, new Date())
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { certificatePem, expiresAt } = await authority.issueAgentCertificate({
    ...{ hostId: HOST_ID, publicKey: keys.publicKey.export({ type: 'spki', format: 'der' }), now: new Date() },
  })
  hostKey = keyOf(certificatePem)
  await writeIdentity(dataDirectory, {
    ...{ hostId: HOST_ID, certificate: certificatePem, certificateAuthority: authority.certificatePem },
    ...{ expiresAt: expiresAt.toISOString(), commandKey: server.publicKey, server: 'https://127.0.0.1:1' },
    ...{
      privateKey: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      enrolledAt: instant(clock.now()),
    },
  })
  // The module is at hand: what is refused is not refused for want of it.
  await keptArtefacts(dataDirectory).keep(sha256(module), module)
  hostile = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  hostile.on('connection', (connected) => {
    connected.on('message', (data) => {
      const message = JSON.parse(String(data))
      if (message.type === 'hello') {
        helloPolicy = message.policy
        const welcome = {
          type: 'welcome',
          serverTime: instant(clock.now()),
          helloSentAt: message.sentAt,
          heartbeatIntervalMs: 10_000,
          epochSeen: null,
        }
        connected.send(JSON.stringify(welcome))
        socket = connected as unknown as WebSocket
      }
      if (message.type === 'snapshot') buildId = message.snapshot.kernel.buildId ?? null
      if (message.type === 'result') results.push(message)
      if (message.type !== 'hello' && message.type !== 'heartbeat') {
        const { epoch, sequence } = message
        connected.send(JSON.stringify({ type: 'acknowledged', epoch, sequence }))
        acknowledgements.push(message)
      }
    })
  })
  await startAgent()
})
afterAll(async () => {
  await stopAgent()
  live.stop()
  for (const client of hostile.clients) client.terminate()
  await new Promise((resolve) => hostile.close(resolve))
  await rm(folder, { recursive: true, force: true })
})

const load = (change: Partial<Authorisation> = {}): Authorisation =>
  authorisationOf(
    {
      ...{ action: 'load', patch: name, kernel: { release: plan.release, buildId } },
      artefact: { sha256: sha256(module), size: module.length, releaseCounter: 1 },
      ...change,
    },
    clock.now(),
  )
const signed = (authorisation: Authorisation, approvers: readonly TestKey[]) =>
  signedBy(approvers, PAYLOAD_TYPES.authorisation, canonicalJson(authorisation))
const message = (authorisation: CommandMessage['authorisation'], change: Partial<Command> = {}): CommandMessage => ({
  type: 'command',
  authorisation,
  command: signedBy(
    [server],
    PAYLOAD_TYPES.command,
    canonicalJson(commandOf(authorisation.payload, { hostKey, ...change }, clock.now())),
  ),
})
const send = (what: unknown) => socket?.send(typeof what === 'string' ? what : JSON.stringify(what))
const endOf = async (sent: CommandMessage) => {
  send(sent)
  const isEnd = (result: ResultFacts) => result.commandId === idOf(sent) && result.state !== 'started'
  await eventually('an end', () => results.some(isEnd))
  return results.find(isEnd)
}

beforeEach(() => {
  acts.length = 0
})

test('the host tells what it lets be done to it, and which build its kernel is', async () => {
  await eventually('a snapshot', () => buildId !== null)
  expect(buildId).toMatch(/^[0-9a-f]{40}$/)
  expect(helloPolicy).toMatchObject({ hostClass: 'production', threshold: 2, neverForce: true, stopped: false })
})

describe('T22 with every key of the server', () => {
  const both = [ada, bob]
  const OTHER = '11111111-1111-4111-8111-111111111111'
  const refusals: readonly (readonly [name: string, code: string, make: () => CommandMessage])[] = [
    ['arbitrary: nobody approved it', 'approvals_missing', () => message(signed(load(), []))],
    ['arbitrary: approved by keys of its own', 'approver_unknown', () => message(signed(load(), [server, eve]))],
    ['by one stolen key of two', 'approver_unknown', () => message(signed(load(), [ada, eve]))],
    [
      'altered: another patch than was signed',
      'approver_signature',
      () => {
        const { payload, ...rest } = signed(load(), both)
        return message({ ...rest, payload: payload.replace(name, 'livepatch_1') })
      },
    ],
    [
      'altered after the command was made',
      'authorisation_mismatch',
      () => {
        const good = message(signed(load(), both))
        return { ...good, authorisation: signed(load({ reason: 'another' }), both) }
      },
    ],
    [
      'mixed: the command of one, the authorisation of another',
      'authorisation_mismatch',
      () => {
        const one = message(signed(load(), both))
        const other = message(signed(load({ action: 'disable' }), both))
        return { ...one, authorisation: other.authorisation }
      },
    ],
    [
      'early: its wave has not begun',
      'wave_not_begun',
      () => message(signed(load({ hosts: [{ id: HOST_ID, notBefore: instant(clock.now() + 60_000) }] }), both)),
    ],
    [
      'late: its approval is over',
      'authorisation_expired',
      () => message(signed(load({ expiresAt: instant(clock.now() - 1) }), both)),
    ],
    [
      'endless approval',
      'authorisation_endless',
      () => message(signed(load({ expiresAt: instant(clock.now() + 4e9) }), both)),
    ],
    [
      'endless command',
      'command_endless',
      () => message(signed(load(), both), { expiresAt: instant(clock.now() + 1e9) }),
    ],
    [
      'misdirected: approved for another host',
      'host_not_authorised',
      () => message(signed(load({ hosts: [{ id: OTHER, notBefore: instant(0) }] }), both)),
    ],
    ['misdirected: the command of another host', 'host_wrong', () => message(signed(load(), both), { hostId: OTHER })],
    [
      'for the key that the host had before',
      'host_key_wrong',
      () => message(signed(load(), both), { hostKey: 'b'.repeat(64) }),
    ],
    [
      'rolled back: another kernel',
      'kernel_release',
      () => message(signed(load({ kernel: { release: '5.0.0', buildId: null } }), both)),
    ],
    [
      'another build of the same release',
      'kernel_build_id',
      () => message(signed(load({ kernel: { release: plan.release, buildId: 'ab'.repeat(20) } }), both)),
    ],
    ['rolled back: a number that was had', 'sequence_old', () => message(signed(load(), both), { sequence: 0 })],
    [
      'an altered module',
      'artefact_unavailable',
      () => message(signed(load({ artefact: { sha256: '0'.repeat(64), size: 5, releaseCounter: 1 } }), both)),
    ],
    [
      'a force, which the host never allows',
      'never_force',
      () => {
        const force = { action: 'force', artefact: null, target: 'patching' } as const
        return message(signed(load({ ...force, blockingTasks: [{ tid: 1, name: 'init' }] }), both))
      },
    ],
    [
      'a program of its own choice',
      'update_unsupported',
      () => message(signed(load({ action: 'update', provider: '/bin/sh -c id' }), both)),
    ],
    [
      'signed by another key than the server’s',
      'server_signature',
      () => {
        const good = message(signed(load(), both))
        return { ...good, command: signedBy([eve], PAYLOAD_TYPES.command, good.command.payload) }
      },
    ],
  ]
  test.each(refusals)('T22 %s: %s', async (_name, code, make) => {
    expect(await endOf(make())).toMatchObject({ state: 'refused', code })
    expect(acts).toEqual([])
  })

  test('T22 T20 what is no message at all ends the link, and the agent comes back', async () => {
    const garbage = [
      '{',
      'null',
      '{"type":"shell","command":"id"}',
      JSON.stringify({ type: 'command' }),
      '['.repeat(100_000),
    ]
    for (const text of garbage) {
      const before = socket
      send(text)
      await eventually('another link', () => socket !== before && socket?.readyState === WebSocket.OPEN)
    }
    expect(acts).toEqual([])
  }, 30_000)

  test('T22 endless: a flood of commands does nothing, and the agent still answers', async () => {
    for (let count = 0; count < 300; count += 1) send(message(signed(load(), [eve])))
    await eventually('some are answered', () => results.filter(({ code }) => code === 'approver_unknown').length > 10)
    expect(acts).toEqual([])
    await clock.sleep(500)
    expect(await endOf(message(signed(load(), [])))).toMatchObject({ code: 'approvals_missing' })
  })

  test('T22 T28 frozen: nothing is done, and an older lifting does not lift it', async () => {
    send({ type: 'freeze', freeze: freezeOf(server, true, 10, clock.now()) })
    send({ type: 'freeze', freeze: freezeOf(server, false, 9, clock.now()) })
    send({ type: 'freeze', freeze: freezeOf(eve, false, 11, clock.now()) })
    await clock.sleep(200)
    expect(await endOf(message(signed(load(), both)))).toMatchObject({ code: 'frozen' })
    await stopAgent()
    socket = undefined
    await startAgent()
    expect(await endOf(message(signed(load(), both)))).toMatchObject({ code: 'frozen' })
    send({ type: 'freeze', freeze: freezeOf(server, false, 12, clock.now()) })
    await clock.sleep(200)
    expect(acts).toEqual([])
  })

  test('T22 T28 the stop file of local root has the last word', async () => {
    await writeFile(join(dataDirectory, 'stop'), '')
    expect(await endOf(message(signed(load(), both)))).toMatchObject({ code: 'stopped' })
    await eventually('told to the server', () => (helloPolicy as { stopped?: boolean }).stopped === true, 12_000)
    await rm(join(dataDirectory, 'stop'))
    expect(acts).toEqual([])
  }, 20_000)

  test('T22 what was approved is done; T19 replayed, also after a restart, it is not done again', async () => {
    const good = message(signed(load(), both))
    expect(await endOf(good)).toMatchObject({ state: 'done' })
    expect(acts).toEqual([expect.stringMatching(/^\/usr\/sbin\/insmod \/\S+\.ko$/)])
    const counted = () => results.filter(({ commandId, state }) => commandId === idOf(good) && state === 'done').length
    send(good)
    await eventually('said again', () => counted() === 2)
    await stopAgent()
    socket = undefined
    await startAgent()
    send(good)
    await eventually('said again', () => counted() === 3)
    expect(await endOf(message(good.authorisation, { sequence: 1 }))).toMatchObject({ code: 'sequence_old' })
    expect(acts).toHaveLength(1)
  }, 20_000)
})
