import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CommandMessage } from '@rebootless/shared/contract/agent-message.ts'
import type { Authorisation, Command } from '@rebootless/shared/contract/command.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
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
import { authorisationOf, commandOf, HOST_ID, idOf, instant, sha256, signedBy, type TestKey } from './test-commands.ts'
import { benchPlan } from './test-plans.ts'

/** What the host has told of itself. */
interface Told {
  policy: unknown
  buildId: string | null
}

/** What it gives, whichever module is asked for. */
export const ALTERED = Buffer.from('no module')

/**
 * A real agent on a simulated kernel, linked to a server of the test's own, which says what it is told to and signs it with
 * the key that the agent takes for the server's. All that reaches kernel and programs is in `acts`.
 */
export const startHostileServer = async (server: TestKey, policy: HostPolicy) => {
  const clock = createSystemClock()
  const plan = benchPlan()
  const patch = plan.patches.at(-1)
  if (patch === undefined) throw new Error('no patch')
  const { name } = patch.image
  const module = simulatedModule(patch, plan)
  const results: ResultFacts[] = []
  const acts: string[] = []
  const told: Told = { policy: undefined, buildId: null }
  let socket: WebSocket | undefined
  let stopAgent: () => Promise<void> = async () => undefined
  const live = createLiveHost(new SimulatedHost({ plan, startedAtMs: clock.now() }), {
    clock,
    startedUs: clock.monotonicMicroseconds(),
  })

  const folder = await mkdtemp(join(tmpdir(), 'rebootless-hostile-'))
  const dataDirectory = join(folder, 'agent')
  const authority = await openCertificateAuthority(folder, new Date())
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { certificatePem, expiresAt } = await authority.issueAgentCertificate({
    ...{ hostId: HOST_ID, publicKey: keys.publicKey.export({ type: 'spki', format: 'der' }), now: new Date() },
  })
  const hostKey = keyOf(certificatePem)
  const { certificatePem: cert, privateKeyPem: key } = await authority.issueServerCertificate(new Date())
  const modules = createServer({ cert, key, minVersion: 'TLSv1.3' }, (_asked, answer) => void answer.end(ALTERED))
  await new Promise<void>((resolve) => modules.listen(0, '127.0.0.1', resolve))
  const given = `https://127.0.0.1:${(modules.address() as AddressInfo).port}`
  await writeIdentity(dataDirectory, {
    ...{ hostId: HOST_ID, certificate: certificatePem, certificateAuthority: authority.certificatePem },
    ...{ expiresAt: expiresAt.toISOString(), commandKey: server.publicKey, server: given },
    ...{
      privateKey: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      enrolledAt: instant(clock.now()),
    },
  })
  // The module is at hand: what is refused is not refused for want of it.
  await keptArtefacts(dataDirectory).keep(sha256(module), module)
  const hostile = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  hostile.on('connection', (connected) => {
    connected.on('message', (data) => {
      const message = JSON.parse(String(data))
      if (message.type === 'hello') {
        told.policy = message.policy
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
      if (message.type === 'snapshot') told.buildId = message.snapshot.kernel.buildId ?? null
      if (message.type === 'result') results.push(message)
      if (message.type !== 'hello' && message.type !== 'heartbeat') {
        const { epoch, sequence } = message
        connected.send(JSON.stringify({ type: 'acknowledged', epoch, sequence }))
      }
    })
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

  const load = (change: Partial<Authorisation> = {}): Authorisation =>
    authorisationOf(
      {
        ...{ action: 'load', patch: name, kernel: { release: plan.release, buildId: told.buildId } },
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

  await startAgent()
  return {
    ...{ clock, plan, patchName: name, dataDirectory, results, acts, told, load, signed, message, send, endOf },
    socket: () => socket,
    async restartAgent() {
      await stopAgent()
      socket = undefined
      await startAgent()
    },
    async end() {
      await stopAgent()
      live.stop()
      for (const client of hostile.clients) client.terminate()
      for (const one of [hostile, modules]) await new Promise((resolve) => one.close(resolve))
      await rm(folder, { recursive: true, force: true })
    },
  }
}
export type HostileServer = Awaited<ReturnType<typeof startHostileServer>>
