import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { CommandResult } from '@rebootless/shared/contract/agent-message.ts'
import type { Authorisation, Command } from '@rebootless/shared/contract/command.ts'
import type { Signed } from '@rebootless/shared/contract/signed.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import { AGENT_ITSELF } from '@rebootless/shared/domain/updatable-providers.ts'
import { createLinkBench, eventually } from '../../bff/link/link-test-bench.ts'
import type { CommandLink } from '../../bff/link/ports.ts'
import { makeAgentRelease } from '../../build/agent-release.ts'
import { keyOf } from '../commands/start-commands.ts'
import { authorisationOf, commandOf, newKey, sha256, signatureBy, type TestKey } from '../commands/test-commands.ts'
import { versionOf } from './open-release.ts'

const execute = promisify(execFile)
const KILLER = fileURLToPath(new URL('test-kill-at.mjs', import.meta.url))

/** The makers' key as `npm run release` would have it. */
export const makers = (key: TestKey) => ({
  publicKey: key.publicKey,
  sign: async (type: Signed['type'], payload: string) => signatureBy(key, type, payload),
})

/** One host with the real agent as a service of its own, at a server in memory that offers what the test gives it. */
export const createUpdateBench = async (agent: string, policy: object) => {
  // Whoever can write above the agent's file could put another there: nothing of it may lie under /tmp.
  const folder = await mkdtemp(path.join(homedir(), '.rebootless-test-'))
  const program = path.join(folder, 'rebootless-agent')
  const data = path.join(folder, 'data')
  const config = path.join(folder, 'agent.json')
  const results: CommandResult[] = []
  const files = new Map<string, Uint8Array>()
  let link: CommandLink | undefined
  const server = await createLinkBench(
    { heartbeatIntervalMs: 500 },
    {
      commands: {
        linkOpened(opened) {
          link = opened
        },
        linkClosed(_hostId, linkId) {
          if (link?.linkId === linkId) link = undefined
        },
        async accept(_hostId, result) {
          results.push(result)
        },
        async artefact(_hostId, hash) {
          const bytes = files.get(hash)
          return bytes && { size: bytes.length, stream: Readable.from([Buffer.from(bytes)]) }
        },
      },
    },
  )
  await writeFile(program, agent, { mode: 0o755 })
  await chmod(program, 0o755)
  await writeFile(config, JSON.stringify(policy), { mode: 0o600 })
  const places = ['--data', data, '--config', config]
  const token = await server.token()
  await execute(process.execPath, [program, 'enrol', '--server', server.url, '--token', token, '--data', data])
  const { hostId, certificate } = JSON.parse(await readFile(path.join(data, 'identity.json'), 'utf8'))

  let wanted = false
  let child: ChildProcess | undefined
  const ends: (number | NodeJS.Signals)[] = []
  let said = ''
  let kept: Promise<void> = Promise.resolve()
  /** Starts it anew whenever it ends, as `Restart=always` does; `killAt`: at that effect it dies, the first time. */
  const keep = async (trialSeconds: number, killAt?: string): Promise<void> => {
    for (let first = true; wanted; first = false) {
      const preload = first && killAt !== undefined ? ['--import', KILLER] : []
      child = spawn(
        process.execPath,
        [...preload, program, 'run', ...places, '--trial-seconds', String(trialSeconds)],
        {
          stdio: ['ignore', 'ignore', 'pipe'],
          env: { ...process.env, INVOCATION_ID: 'of the test', REBOOTLESS_TEST_KILL_AT: killAt ?? '' },
        },
      )
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        said += text
      })
      const [code, signal] = await once(child, 'exit')
      ends.push(signal ?? code)
    }
  }

  return {
    ...{ folder, program, data, results, ends, server },
    said: () => said,
    hostId: hostId as string,
    start(trialSeconds = 60, killAt?: string): void {
      wanted = true
      kept = keep(trialSeconds, killAt)
    },
    async stop(): Promise<void> {
      wanted = false
      child?.kill('SIGTERM')
      await kept
    },
    linked: () => eventually('it is linked', () => link !== undefined, 20_000),
    /** Sends the command to take this release. */
    async offer(
      bytes: Uint8Array,
      change: { authorisation?: Partial<Authorisation>; command?: Partial<Command> } = {},
    ) {
      await this.linked()
      files.set(sha256(bytes), bytes)
      const now = Date.now()
      const payload = canonicalJson(
        authorisationOf(
          {
            ...{ action: 'update', provider: AGENT_ITSELF },
            artefact: { sha256: sha256(bytes), size: bytes.length, releaseCounter: 0 },
            hosts: [{ id: hostId, notBefore: new Date(now - 60_000).toISOString() }],
            ...change.authorisation,
          },
          now,
        ),
      )
      const command = commandOf(payload, { hostId, hostKey: keyOf(certificate), ...change.command }, now)
      link?.send({
        type: 'command',
        authorisation: { type: PAYLOAD_TYPES.authorisation, payload, signatures: [] },
        command: server.commandKey.sign(PAYLOAD_TYPES.command, canonicalJson(command)),
      })
      return command.id
    },
    /** How the command ended, once the server has heard of it. */
    async ended(id: string): Promise<CommandResult> {
      const found = () => results.find(({ commandId, state }) => commandId === id && state !== 'started')
      await eventually('the command has ended', () => found() !== undefined, 100_000)
      return found() as CommandResult
    },
    installed: async () => versionOf(await readFile(program)),
    /** Whatever lies beside the agent's file and is no part of it. */
    leftovers: async () => (await readdir(folder)).filter((name) => name.startsWith('rebootless-agent.')),
    /** What agents have said of themselves, at each link. */
    versions: () =>
      server.memory.applied.flatMap(({ message }) => (message.type === 'hello' ? [message.agentVersion] : [])),
    async end(): Promise<void> {
      await this.stop()
      await server.end()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
export type UpdateBench = Awaited<ReturnType<typeof createUpdateBench>>

export const releaseOf = (agent: string, key: TestKey, change?: Parameters<typeof makeAgentRelease>[2]) =>
  makeAgentRelease(Buffer.from(agent), makers(key), change)
export { newKey }
