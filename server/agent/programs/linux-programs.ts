import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import type { HostPrograms, ProgramOptions, ProgramResult } from './programs.ts'
import { resolveTrusted, type TrustRule, trustOnly } from './trusted-path.ts'

export interface LinuxProgramsOptions {
  /** Ends the program that runs, and starts no other. */
  readonly signal?: AbortSignal
  /** Default: all of the path belongs to root, or to the agent's own user, and no one else can write it. */
  readonly trust?: TrustRule
}

/** Nothing of the agent's own environment: what a tool prints must not hang on who started the agent, and how. */
const ENVIRONMENT = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/',
  LANG: 'C',
  LC_ALL: 'C',
  // Some tools print local time without a zone.
  TZ: 'UTC',
  // Reading is to leave nothing behind, and several of the tools are Python.
  PYTHONDONTWRITEBYTECODE: '1',
} as const

/** What is still in the pipes when a program has exited is there at once; later text is of processes that it left. */
const DRAIN_MS = 250

/** HostPrograms over this machine: at most one program at a time, each in a process group of its own. */
export const createLinuxPrograms = (options: LinuxProgramsOptions = {}): HostPrograms => {
  const trust = options.trust ?? trustOnly(process.geteuid?.() ?? 0)
  let turn: Promise<unknown> = Promise.resolve()
  const runNext = async (program: string, args: readonly string[], limits: ProgramOptions): Promise<ProgramResult> => {
    if (options.signal?.aborted) return notRun('ECANCELED', 'The agent is stopping.')
    const found = await resolveTrusted(program, trust)
    return found.ok ? runTrusted(found.path, program, args, limits, options.signal) : notRun(found.errno, found.detail)
  }
  return {
    run(program, args, limits) {
      const next = turn.then(() => runNext(program, args, limits))
      turn = next.catch(() => undefined)
      return next
    },
  }
}

const notRun = (errno: string, detail: string): ProgramResult => ({ ok: false, errno, detail, stdout: '', stderr: '' })

/** `name` is what it is called by: `snap`, among others, decides by that what it shall be. */
const runTrusted = (
  path: string,
  name: string,
  args: readonly string[],
  { timeMs, bytesMax }: ProgramOptions,
  signal: AbortSignal | undefined,
): Promise<ProgramResult> =>
  new Promise((resolve) => {
    let child: ChildProcess
    try {
      child = spawn(path, args, {
        ...{ argv0: name, cwd: '/', env: ENVIRONMENT, shell: false, detached: true },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
    } catch (error) {
      // A zero byte or too long a list of arguments.
      return resolve(notRun(codeOf(error, 'EINVAL'), `${name} could not be started: ${String(error)}`))
    }
    let settled = false
    let draining: NodeJS.Timeout | undefined
    const stdout = collect(child.stdout, bytesMax, () => end(printed(null)))
    const stderr = collect(child.stderr, bytesMax, () => end(printed(null)))

    const printed = (exitCode: number | null): ProgramResult => ({
      ...{ ok: true, exitCode, truncated: stdout.overflowed() || stderr.overflowed() },
      ...{ stdout: stdout.text(), stderr: stderr.text() },
    })
    const failed = (errno: string, detail: string): ProgramResult => ({
      ...{ ok: false, errno, detail, stdout: stdout.text(), stderr: stderr.text() },
    })
    const end = (result: ProgramResult) => {
      if (settled) return
      settled = true
      clearTimeout(limit)
      clearTimeout(draining)
      signal?.removeEventListener('abort', onAbort)
      killGroup(child.pid)
      // A process that has left the group may hold the pipes for ever.
      child.stdout?.destroy()
      child.stderr?.destroy()
      resolve(result)
    }
    const limit = setTimeout(() => end(failed('ETIMEDOUT', `${name} took longer than ${timeMs / 1_000} s.`)), timeMs)
    const onAbort = () => end(failed('ECANCELED', `${name} was ended, since the agent is stopping.`))
    signal?.addEventListener('abort', onAbort)

    child.once('error', (error) => {
      // The file is there, so what is missing is its interpreter: execve(2).
      const errno = codeOf(error, 'EIO') === 'ENOENT' ? 'ENOEXEC' : codeOf(error, 'EIO')
      end(failed(errno, `${name} could not be started: ${errno}.`))
    })
    child.once('exit', (code) => {
      draining = setTimeout(() => end(printed(code)), DRAIN_MS)
    })
    child.once('close', (code) => end(printed(code)))
  })

/** All that a stream gives, up to so many bytes; `onOverflow` is called at the first one beyond. */
const collect = (stream: Readable | null, bytesMax: number, onOverflow: () => void) => {
  const chunks: Buffer[] = []
  let length = 0
  let overflowed = false
  stream?.on('data', (chunk: Buffer) => {
    if (overflowed) return
    chunks.push(chunk.subarray(0, bytesMax - length))
    length += chunk.length
    if (length <= bytesMax) return
    overflowed = true
    onOverflow()
  })
  // Its end is told by the child's own events.
  stream?.on('error', () => undefined)
  return {
    overflowed: () => overflowed,
    // The decoder keeps back a character that was cut in two.
    text: () =>
      overflowed ? new StringDecoder('utf8').write(Buffer.concat(chunks)) : Buffer.concat(chunks).toString(),
  }
}

/** With SIGKILL, which no program can refuse; also what it has left behind when it has exited by itself. */
const killGroup = (groupId: number | undefined): void => {
  if (groupId === undefined) return
  try {
    process.kill(-groupId, 'SIGKILL')
  } catch {
    // ESRCH: nothing is left. EPERM: it runs under another user by now, and cannot be ended by this one.
  }
}

const codeOf = (error: unknown, otherwise: string): string => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^E[A-Z0-9]{1,15}$/.test(code) ? code : otherwise
}
