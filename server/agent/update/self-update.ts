import { type ChildProcess, spawn } from 'node:child_process'
import { readdir, readFile, realpath, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { PROTOCOL_VERSION } from '@rebootless/shared/contract/agent-message.ts'
import type { AgentRelease } from '@rebootless/shared/contract/agent-release.ts'
import { sha256Of } from '../acts/get-artefact.ts'
import { done, failed, type SelfUpdate } from '../acts/ports.ts'
import { privateFolder } from '../acts/private-files.ts'
import type { Clock } from '../clock.ts'
import { type Refused, refused } from '../commands/signatures.ts'
import { isStopped } from '../config/stop-file.ts'
import { replaceFile, type Sync } from '../link/durable-file.ts'
import { resolveTrusted, trustOnly } from '../programs/trusted-path.ts'
import { AGENT_VERSION } from '../version.ts'
import { isOlder, unfit, versionOf } from './open-release.ts'
import { readNote, type UpdateNote, updateFolder, writeNote } from './update-note.ts'

const SELF_TEST_MS = 60_000
const END_MS = 10_000
/** Once it is in its place; a service manager gives up after a few more (systemd.unit(5), StartLimitBurst). */
const STARTS_MAX = 3

export interface SelfUpdateOptions {
  readonly dataDirectory: string
  readonly config: string
  /** The file that was started, as it was named. */
  readonly program: string
  /** By a service manager, which starts the agent anew when it ends (systemd.exec(5), $INVOCATION_ID). */
  readonly isService: boolean
  readonly trialMs: number
  readonly clock: Clock
  /** Of tests. */
  readonly sync?: Sync
}

/**
 * How a new agent takes this one's place. First it runs as our child, under the host's own identity, until the server has
 * stored a snapshot of it; only then its file replaces ours, by one rename(2). So whatever dies before, the former agent is
 * what is started next; and one that then does not prove itself puts the former one back. */
export const createSelfUpdate = async (options: SelfUpdateOptions) => {
  const { dataDirectory, clock, sync } = options
  const folder = updateFolder(dataDirectory)
  const candidate = join(folder, 'candidate.mjs')
  const former = join(folder, 'former.mjs')
  const program = await realpath(options.program).catch(() => options.program)
  let note = await readNote(dataDirectory)
  let prepared: Uint8Array | undefined
  let wanted = new AbortController()
  let proven: () => void = () => {}
  const proof = new Promise<void>((resolve) => {
    proven = resolve
  })
  const write = async (change: Partial<UpdateNote>): Promise<void> => {
    if (note === undefined) return
    note = { ...note, ...change }
    await writeNote(dataDirectory, note, sync)
  }
  const isOnProbation = (): boolean => note?.version === AGENT_VERSION && !note.confirmed
  /** Both are in files of the agent's own, or were just signed for. */
  const install = (agent: Uint8Array): Promise<void> =>
    replaceFile(program, agent, { durable: true, mode: 0o755, ...(sync && { sync }) })
  const start = (...words: string[]): ChildProcess =>
    spawn(process.execPath, [candidate, ...words, '--data', dataDirectory, '--config', options.config], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })

  /** Undefined: it did as it should. */
  const watch = async (child: ChildProcess, milliseconds: number, what: string, signal?: AbortSignal) => {
    const over = new AbortController()
    const ended = new Promise<string>((resolve) => {
      child.once('error', ({ message }) => resolve(message))
      child.once('exit', (code, by) => resolve(`it ended with ${by ?? code}`))
    })
    const word = new Promise<string | undefined>((resolve) =>
      child.once('message', (said) => resolve(said === note?.version ? undefined : 'it says that it is another')),
    )
    const late = clock.sleep(milliseconds, AbortSignal.any([over.signal, ...(signal ? [signal] : [])])).then(() => what)
    const found = await Promise.race([word, ended, late])
    child.kill()
    const killing = setTimeout(() => child.kill('SIGKILL'), END_MS)
    await ended
    clearTimeout(killing)
    over.abort()
    return found
  }

  const selfUpdate: SelfUpdate = {
    async prepare(release, agent, commandId) {
      const running = await readFile(program)
      const reason = await whyNot(release, running)
      if (reason !== null) return reason
      await privateFolder(folder)
      for (const name of await readdir(dirname(program))) {
        // What a crash has left behind.
        const rest = name.startsWith(`${basename(program)}.`) ? name.slice(basename(program).length + 1) : ''
        if (/^[0-9a-f]{12}$/.test(rest)) await rm(join(dirname(program), name))
      }
      await replaceFile(former, running, { durable: true, ...(sync && { sync }) })
      await replaceFile(candidate, agent, { durable: true, ...(sync && { sync }) })
      note = {
        ...{ commandId, version: release.version, former: AGENT_VERSION, formerSha256: sha256Of(running) },
        ...{ starts: 0, confirmed: false, failure: null },
      }
      await write({})
      prepared = agent
      const found = await watch(start('self-test'), SELF_TEST_MS, 'it did not end')
      return found === undefined ? null : unfit(`The new agent cannot run on this host: ${found}.`)
    },
    begin: () => wanted.abort(),
    async outcome(commandId) {
      if (note?.commandId !== commandId) return failed('interrupted', 'The agent was ended before it was replaced.')
      const { version, failure } = note
      if (failure !== null) return failed('went_back', `${failure} ${AGENT_VERSION} runs again.`.slice(0, 900))
      if (version !== AGENT_VERSION) {
        return failed('interrupted', `The agent was ended while ${version} was tried: ${AGENT_VERSION} runs again.`)
      }
      if (!note.confirmed) await proof
      return done(`${version} runs; ${note.former} is kept.`)
    },
  }

  const whyNot = async (release: AgentRelease, running: Uint8Array): Promise<Refused | null> => {
    if (!options.isService) return refused('not_a_service', 'It was not started by systemd.')
    const trusted = await resolveTrusted(program, trustOnly(process.geteuid?.() ?? 0))
    if (!trusted.ok) return refused('not_a_service', trusted.detail)
    const there = versionOf(running)
    if (there !== AGENT_VERSION) {
      return refused('not_a_service', `${program} holds ${there ?? 'no agent'}, and ${AGENT_VERSION} runs.`)
    }
    const { version, from, protocol, node } = release
    if (!isOlder(AGENT_VERSION, version)) return unfit(`${version} is not newer than ${AGENT_VERSION}.`)
    if (isOlder(AGENT_VERSION, from)) return unfit(`${version} takes the place of ${from} and newer.`)
    if (protocol < PROTOCOL_VERSION) return unfit(`It speaks protocol ${protocol}; this agent ${PROTOCOL_VERSION}.`)
    return Number.parseInt(process.versions.node, 10) < node
      ? unfit(`It needs Node.js ${node}; this is ${process.versions.node}.`)
      : null
  }

  const goBack = async (failure: string): Promise<boolean> => {
    const kept = await readFile(former).catch(() => undefined)
    // Whatever it is then, it is not what ran here before.
    if (kept === undefined || sha256Of(kept) !== note?.formerSha256) return false
    await write({ failure })
    await install(kept)
    return true
  }

  return {
    selfUpdate,
    /** Aborted once a new agent is to be tried. */
    wanted: () => wanted.signal,
    isOnProbation,
    goBack,
    /** Counts this start. True: the former agent is in its place again, and to be started. */
    async begun(): Promise<boolean> {
      if (!isOnProbation() || note === undefined) return false
      if (note.failure !== null || note.starts >= STARTS_MAX) {
        return goBack(note.failure ?? `${AGENT_VERSION} was started ${note.starts} times, and never connected.`)
      }
      await write({ starts: note.starts + 1 })
      return false
    },
    /** The server has stored a snapshot of this run. */
    async stored(): Promise<void> {
      if (!isOnProbation()) return
      await write({ confirmed: true, failure: null })
      proven()
    },
    /** Tries the new agent, which is to say a word once it is connected. True: it has this one's place, and is to be started. */
    async tried(signal: AbortSignal): Promise<boolean> {
      wanted = new AbortController()
      const seconds = Math.round(options.trialMs / 1000)
      const found = await watch(start('run', '--trial'), options.trialMs, `it did not connect in ${seconds} s`, signal)
      if (signal.aborted || note === undefined) return false
      if (found !== undefined) {
        await write({ failure: `${note.version} did not prove itself: ${found}.` })
        return false
      }
      if (prepared === undefined || (await isStopped(dataDirectory))) {
        await write({ failure: 'Changes to this host were stopped.' })
        return false
      }
      await install(prepared)
      return true
    },
  }
}

export type SelfUpdateOfRun = Awaited<ReturnType<typeof createSelfUpdate>>
