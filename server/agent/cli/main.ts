import { hostname, machine } from 'node:os'
import { text } from 'node:stream/consumers'
import { printable, printableJson } from '@rebootless/shared/domain/printable.ts'
import { processLockHolder, takeProcessLock } from '../../process/process-lock.ts'
import { privateModuleFiles } from '../acts/private-files.ts'
import type { Clock } from '../clock.ts'
import { readHostPolicy } from '../config/host-policy.ts'
import { isStopped, putStopFile, removeStopFile } from '../config/stop-file.ts'
import { inspect } from '../inspect.ts'
import type { KernelFs } from '../kernel/kernel-fs.ts'
import { type AskOptions, enrolByAsking, parseAuthorityFingerprint } from '../link/ask-to-be-let-in.ts'
import { enrol } from '../link/enrol.ts'
import { readIdentity } from '../link/identity.ts'
import { LinkError } from '../link/link-error.ts'
import { readMachineId } from '../link/machine-id.ts'
import { readStatus } from '../link/status-file.ts'
import type { HostPrograms } from '../programs/programs.ts'
import { runAgent } from '../run-agent.ts'
import { createSelfUpdate, type SelfUpdateOfRun } from '../update/self-update.ts'
import { AGENT_VERSION } from '../version.ts'
import { createObserver } from '../watch/observer.ts'
import { type Arguments, EXIT, HELP, parseArguments } from './arguments.ts'
import { selfTestCommand } from './self-test.ts'
import { snapshotText } from './snapshot-text.ts'
import { statusText } from './status-text.ts'

interface Terminal {
  out(text: string): void
  error(text: string): void
  readonly input: NodeJS.ReadableStream
}

export interface CliContext {
  readonly terminal: Terminal
  readonly fs: KernelFs
  readonly programs: HostPrograms
  readonly clock: Clock
  /** Ends `run`. */
  readonly signal: AbortSignal
  /** The process; absent: it is part of another program. */
  readonly self?: {
    /** The agent's file. */
    readonly program: string
    readonly isService: boolean
    /** To the agent that tries this one. */
    readonly tell: ((version: string) => void) | undefined
  }
}

const userId = (): number => process.geteuid?.() ?? 0

/** Without a token: prints what an administrator compares, and waits. */
const waitToBeLetIn = async (
  caFingerprint: string,
  host: Pick<AskOptions, 'server' | 'dataDirectory' | 'hostName' | 'givenName' | 'machineId'>,
  { terminal, clock, signal }: CliContext,
) => {
  const authorityPin = parseAuthorityFingerprint(caFingerprint)
  if (authorityPin === undefined) {
    throw new LinkError(
      'token_malformed',
      'This is no fingerprint of an authority: copy it from the page of enrolment.',
    )
  }
  return await enrolByAsking({
    ...{ ...host, authorityPin, clock, signal },
    onWaiting: (fingerprint) =>
      terminal.out(
        `This host waits to be let in. An administrator finds it under Settings, Enrolment, and lets it in by its key:\n\n  ${fingerprint}\n\n`,
      ),
  })
}

const enrolCommand = async (words: Arguments, context: CliContext): Promise<number> => {
  const { terminal, clock, fs } = context
  const known = await readIdentity(words.data)
  if (known !== undefined && !words.force) {
    terminal.error(
      `This host is enrolled already, as ${known.hostId} at ${known.server}. --force makes it a new host.\n`,
    )
    return EXIT.failed
  }
  const givenName = words.name?.slice(0, 255)
  const host = {
    server: words.server ?? '',
    dataDirectory: words.data,
    hostName: givenName ?? hostname().slice(0, 255),
    ...(givenName === undefined ? {} : { givenName }),
    machineId: await readMachineId(fs),
  }
  const identity =
    words.caFingerprint === undefined
      ? await enrol({
          ...host,
          // On the command line a token can be seen by every user of the host (ps); it is used up a moment later.
          token: words.token === '-' ? await text(terminal.input) : (words.token ?? ''),
          origin: 'agent',
          now: clock.now,
        })
      : await waitToBeLetIn(words.caFingerprint, host, context)
  terminal.out(`Enrolled as host ${identity.hostId} at ${identity.server}. Now run: rebootless-agent run\n`)
  return EXIT.done
}

/** Names the lock that a running agent holds on its data directory. */
const RUN_LOCK = 'run'

const runCommand = async (words: Arguments, context: CliContext): Promise<number> => {
  const { terminal, clock, signal, self } = context
  if (words.trial && self?.tell === undefined) {
    terminal.error('--trial is for an agent that another one tries.\n')
    return EXIT.usage
  }
  const updates = await createSelfUpdate({
    ...{ dataDirectory: words.data, config: words.config, trialMs: words.trialMs, clock },
    ...{ program: self?.program ?? '', isService: self?.isService === true },
  })
  for (;;) {
    const status = await runOnce(words, context, updates)
    if (status !== EXIT.done || signal.aborted || !updates.wanted().aborted) return status
    if (await updates.tried(signal)) return EXIT.again
  }
}

const runOnce = async (words: Arguments, context: CliContext, updates: SelfUpdateOfRun): Promise<number> => {
  const { terminal, fs, programs, clock, signal, self } = context
  const identity = await readIdentity(words.data)
  if (identity === undefined) {
    terminal.error(`This host is not enrolled (${words.data}). Run: rebootless-agent enrol --server URL --token T\n`)
    return EXIT.notEnrolled
  }
  // Two would speak under one identity.
  const lock = await takeProcessLock(words.data, RUN_LOCK)
  if (!lock.held) {
    terminal.error(
      `An agent runs already on ${words.data}: process ${lock.pid}. Stop it first, or use another --data.\n`,
    )
    return EXIT.alreadyRunning
  }
  const { givenName } = identity
  const say = (level: string) => (line: string) =>
    terminal.error(`${new Date(clock.now()).toISOString()} ${level} ${printable(line)}\n`)
  const ended = new AbortController()
  const late = new AbortController()
  try {
    if (!words.trial && (await updates.begun())) return EXIT.again
    if (!words.trial && updates.isOnProbation()) {
      void clock.sleep(2 * words.trialMs, ended.signal).then(() => updates.isOnProbation() && late.abort())
    }
    await runAgent({
      observer: createObserver({
        ...{ fs, programs, clock, architecture: machine(), dataDirectory: words.data },
        // Without a given name it follows the host's own, which may change while it runs.
        ...(givenName === undefined ? {} : { hostName: givenName }),
      }),
      clock,
      dataDirectory: words.data,
      hostName: givenName ?? hostname().slice(0, 255),
      machineId: () => readMachineId(fs),
      origin: 'agent',
      signal: AbortSignal.any([signal, late.signal, updates.wanted()]),
      log: { info: say('info'), warn: say('warn') },
      policy: () => readHostPolicy(words.config, userId()),
      onSnapshotStored() {
        if (words.trial) self?.tell?.(AGENT_VERSION)
        else updates.stored().catch((error: unknown) => say('warn')(String(error)))
      },
      // One that is only tried acts on nothing.
      ...(!words.trial && {
        acts: { fs, programs, moduleFiles: privateModuleFiles(words.data), selfUpdate: updates.selfUpdate },
      }),
    })
    const isOver = late.signal.aborted && !signal.aborted
    return isOver && (await updates.goBack(`${AGENT_VERSION} did not connect.`)) ? EXIT.again : EXIT.done
  } finally {
    ended.abort()
    await lock.release()
  }
}

const statusCommand = async (words: Arguments, { terminal, clock }: CliContext): Promise<number> => {
  const identity = await readIdentity(words.data)
  terminal.out(
    statusText({
      identity,
      status: await readStatus(words.data),
      policy: await readHostPolicy(words.config, userId()),
      running: (await processLockHolder(words.data, RUN_LOCK)) !== undefined,
      stopped: await isStopped(words.data),
      nowMs: clock.now(),
    }),
  )
  return identity === undefined ? EXIT.notEnrolled : EXIT.done
}

const stopCommand = async (words: Arguments, { terminal }: CliContext): Promise<number> => {
  await putStopFile(words.data)
  terminal.out('Changes to this host are stopped: nothing begins, and what has begun takes no further step.\n')
  return EXIT.done
}

const resumeCommand = async (words: Arguments, { terminal }: CliContext): Promise<number> => {
  await removeStopFile(words.data)
  terminal.out('Changes to this host may go on, as its class and the server allow.\n')
  return EXIT.done
}

const inspectCommand = async (words: Arguments, { terminal, fs, programs, clock }: CliContext): Promise<number> => {
  const snapshot = await inspect({ fs, programs, clock, architecture: machine() })
  terminal.out(words.json ? `${printableJson(snapshot)}\n` : snapshotText(snapshot))
  return EXIT.done
}

/** The exit status of `rebootless-agent`, given the words after its name. Never rejects. */
export const runCli = async (words: readonly string[], context: CliContext): Promise<number> => {
  const { terminal } = context
  const parsed = parseArguments(words)
  if ('wrong' in parsed) {
    terminal.error(`${printable(parsed.wrong)}\n\n${HELP}`)
    return EXIT.usage
  }
  try {
    switch (parsed.command) {
      case 'help':
        terminal.out(HELP)
        return EXIT.done
      case 'version':
        terminal.out(`rebootless-agent ${AGENT_VERSION}\n`)
        return EXIT.done
      case 'enrol':
        return await enrolCommand(parsed, context)
      case 'run':
        return await runCommand(parsed, context)
      case 'status':
        return await statusCommand(parsed, context)
      case 'stop':
        return await stopCommand(parsed, context)
      case 'resume':
        return await resumeCommand(parsed, context)
      case 'inspect':
        return await inspectCommand(parsed, context)
      case 'self-test':
        return await selfTestCommand(
          parsed,
          { ...context, tell: context.self?.tell, architecture: machine() },
          userId(),
        )
    }
  } catch (error) {
    terminal.error(`rebootless-agent: ${printable(error instanceof Error ? error.message : String(error))}\n`)
    if (!(error instanceof LinkError)) return EXIT.failed
    return error.code === 'refused' || error.code === 'server_not_pinned' ? EXIT.refused : EXIT.failed
  }
}
