import { type ChildProcess, fork } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

export interface KeptProcess {
  /** Asks it to end, and ends it after `graceMs` if it does not. */
  stop(graceMs?: number): Promise<void>
  readonly pid: number | undefined
}

/**
 * Starts one of our own programs as a child and starts it again whenever it ends, with a growing pause, until stopped.
 * The child holds an IPC channel, so that it notices when this process is killed and ends as well.
 */
export function keepRunning(options: {
  program: string
  args: readonly string[]
  /** For Node itself. */
  nodeArgs?: readonly string[]
  onMessage?: (message: unknown, answer: (message: object) => void) => void
  onExit: (what: { code: number | null; signal: string | null; restartMs: number }) => void
}): KeptProcess {
  let child: ChildProcess | undefined
  const stopping = new AbortController()

  const life = (async () => {
    let failures = 0
    while (!stopping.signal.aborted) {
      const startedAt = Date.now()
      const { code, signal } = await new Promise<{ code: number | null; signal: string | null }>((resolve) => {
        child = fork(options.program, options.args, {
          stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
          env: innocuous(process.env),
          execArgv: [...process.execArgv, ...(options.nodeArgs ?? [])],
        })
        const running = child
        child.on('message', (message) => {
          options.onMessage?.(message, (answer) => {
            if (running.connected) running.send(answer)
          })
        })
        child.once('error', () => resolve({ code: null, signal: null }))
        child.once('exit', (exitCode, exitSignal) => resolve({ code: exitCode, signal: exitSignal }))
      })
      if (stopping.signal.aborted) return
      failures = Date.now() - startedAt > 30_000 ? 0 : failures + 1
      const restartMs = Math.min(30_000, 250 * 2 ** failures)
      options.onExit({ code, signal, restartMs })
      await sleep(restartMs, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  })()

  return {
    get pid() {
      return child?.pid
    },
    async stop(graceMs = 5_000) {
      stopping.abort()
      if (child?.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM')
        const ended = await Promise.race([life.then(() => true), sleep(graceMs, false, { ref: false })])
        if (!ended) child.kill('SIGKILL')
      }
      await life
    },
  }
}

/** Passwords and the database's address are the program's alone: a child's environment can be read by its user. */
const innocuous = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'NODE_OPTIONS'].flatMap((name) =>
      environment[name] === undefined ? [] : [[name, environment[name]]],
    ),
  )
