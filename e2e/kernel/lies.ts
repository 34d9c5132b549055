import { createHash, createPrivateKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { keyOf } from '@rebootless/server/agent/commands/start-commands.ts'
import {
  authorisationOf,
  commandOf,
  instant,
  newKey,
  signedBy,
  type TestKey,
} from '@rebootless/server/agent/commands/test-commands.ts'
import { type LyingServer, startLyingServer } from '@rebootless/server/bff/link/test-lying-server.ts'
import { publicKeyOf } from '@rebootless/server/signing/ed25519.ts'
import type { CommandMessage } from '@rebootless/shared/contract/agent-message.ts'
import type { Authorisation, Command } from '@rebootless/shared/contract/command.ts'
import type { Signed } from '@rebootless/shared/contract/signed.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import type { Machine } from './lab/machine.ts'
import type { Approver } from './people.ts'

/** Beside the true agent's, which is not to notice anything. */
const DATA = '/var/lib/lied-to'
const CONFIG = '/etc/rebootless/lied-to.json'
const OTHER_HOST = '11111111-1111-4111-8111-111111111111'

/** A second agent of the guest, which takes a thief with all keys of the server for its server. */
export interface LiedTo {
  readonly server: LyingServer
  readonly hostId: string
  setPolicy(policy: object): Promise<void>
  /** What the approvers would have signed, were it true. */
  authorisation(change: Partial<Authorisation>): Authorisation
  /** A module of the lab, as an authorisation names it; the thief hands it out unless he has another in its place. */
  artefact(name: string): Promise<NonNullable<Authorisation['artefact']>>
  signed(authorisation: Authorisation, keys?: readonly TestKey[]): Signed
  message(authorisation: Signed, change?: Partial<Command>, key?: TestKey): CommandMessage
  end(): Promise<void>
}

/** With the host's own identity, key and certificate, as they are when a data folder and a server were stolen. */
export async function lieTo(
  machine: Machine,
  serverData: string,
  policy: object,
  approvers: readonly Approver[],
): Promise<LiedTo> {
  const server = await startLyingServer(serverData)
  const identity = JSON.parse(await machine.read('/var/lib/rebootless/identity.json'))
  const keys = await Promise.all(approvers.map(({ keyFile }) => readKey(keyFile)))
  await machine.exec(['mkdir', '-m', '700', DATA])
  await machine.write(
    `${DATA}/identity.json`,
    JSON.stringify({ ...identity, server: `https://10.0.2.2:${server.port}` }),
  )
  const setPolicy = (next: object) => machine.write(CONFIG, JSON.stringify(next))
  await setPolicy(policy)
  const agent = await machine.spawn(['rebootless-agent', 'run', '--data', DATA, '--config', CONFIG])
  await server.linked()
  const hostKey = keyOf(identity.certificate)
  return {
    ...{ server, setPolicy, hostId: identity.hostId },
    authorisation: (change) =>
      authorisationOf(
        {
          kernel: { release: machine.release, buildId: null },
          hosts: [{ id: identity.hostId, notBefore: instant(Date.now() - 60_000) }],
          ...change,
        },
        Date.now(),
      ),
    async artefact(name) {
      const bytes = await readFile(path.join(machine.modulesDirectory, `${name}.ko`))
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      if (!server.modules.has(sha256)) server.modules.set(sha256, bytes)
      return { sha256, size: bytes.length, releaseCounter: 1 }
    },
    signed: (authorisation, by = keys) => signedBy(by, PAYLOAD_TYPES.authorisation, canonicalJson(authorisation)),
    message: (authorisation, change = {}, key = server.key) => ({
      type: 'command',
      authorisation,
      command: signedBy(
        [key],
        PAYLOAD_TYPES.command,
        canonicalJson(commandOf(authorisation.payload, { hostId: identity.hostId, hostKey, ...change }, Date.now())),
      ),
    }),
    async end() {
      await machine.kill(agent, 'SIGTERM')
      await server.end()
    },
  }
}

async function readKey(file: string): Promise<TestKey> {
  const privateKey = createPrivateKey(await readFile(file))
  return { privateKey, publicKey: publicKeyOf(privateKey) }
}

const FORCE = { action: 'force', artefact: null, target: 'patching' } as const

/** Each lie about a load that is true otherwise, with the code by which the host is to refuse it. */
export async function liesAbout(
  patch: string,
  { server, hostId, artefact, authorisation, signed, message }: LiedTo,
): Promise<readonly (readonly [lie: string, code: string, told: CommandMessage])[]> {
  const [thief, now] = [newKey(), Date.now()]
  const module = await artefact(patch)
  const load = (change: Partial<Authorisation> = {}) =>
    authorisation({ action: 'load', patch, artefact: module, ...change })
  const approved = signed(load())
  const [altered, { payload }] = [await artefact('lp_replace'), approved]
  server.modules.set(altered.sha256, new Uint8Array(altered.size))
  const kernel = (release: string, buildId: string | null = null) =>
    message(signed(load({ kernel: { release, buildId } })))
  const { release = '' } = load().kernel ?? {}
  return [
    ['an altered module', 'artefact_mismatch', message(signed(load({ patch: 'lp_replace', artefact: altered })))],
    ['another module than its name says', 'artefact_name', message(signed(load({ patch: 'lp_other' })))],
    ['an altered text', 'approver_signature', message({ ...approved, payload: payload.replace(patch, 'lp_other') })],
    ['a command of another host', 'host_wrong', message(approved, { hostId: OTHER_HOST })],
    [
      'approved for another host',
      'host_not_authorised',
      message(signed(load({ hosts: [{ id: OTHER_HOST, notBefore: instant(0) }] }))),
    ],
    ['a forged key', 'server_signature', message(approved, {}, thief)],
    ['approvers of its own', 'approver_unknown', message(signed(load(), [thief, server.key]))],
    ['nobody approved it', 'approvals_missing', message(signed(load(), []))],
    ['too late', 'authorisation_expired', message(signed(load({ expiresAt: instant(now - 1_000) })))],
    [
      'kept back',
      'command_expired',
      message(approved, { issuedAt: instant(now - 240_000), expiresAt: instant(now - 1_000) }),
    ],
    [
      'too early',
      'wave_not_begun',
      message(signed(load({ hosts: [{ id: hostId, notBefore: instant(now + 600_000) }] }))),
    ],
    ['out of order', 'sequence_old', message(approved, { sequence: 0 })],
    [
      'barred by the host',
      'never_force',
      message(signed(load({ ...FORCE, blockingTasks: [{ tid: 1, name: 'init' }] }))),
    ],
    ['another kernel', 'kernel_release', kernel('6.0.0-1-cloud-amd64')],
    ['another build of the kernel', 'kernel_build_id', kernel(release, 'ab'.repeat(20))],
  ]
}
