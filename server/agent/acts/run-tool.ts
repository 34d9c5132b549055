import { refused } from '../commands/signatures.ts'
import { type ActPorts, done, failed, failedBy, type Outcome, refusedAct } from './ports.ts'

/** They fetch over the network, and wait for stalled transitions: kpatch for a minute and more for each patch. */
const TIME_MS = 15 * 60_000

export interface ToolRun {
  readonly commandLine: string
  /** null: a signal ended it, or it did not run to its end. */
  readonly exitCode: number | null
  /** null: it ran. */
  readonly errno: string | null
  readonly detail: string
  readonly stdout: string
  /** The end of what it printed. Several print their errors on standard output. */
  readonly printed: string
}

export const runTool = async (ports: ActPorts, program: string, args: readonly string[]): Promise<ToolRun> => {
  const result = await ports.programs.run(program, args, { timeMs: TIME_MS, bytesMax: 64 * 1024 })
  const { stdout, stderr } = result
  return {
    ...{ commandLine: [program, ...args].join(' '), stdout },
    ...(result.ok
      ? { exitCode: result.exitCode, errno: null, detail: '' }
      : { exitCode: null, errno: result.errno, detail: result.detail }),
    printed: `${stdout}\n${stderr}`.trim().split('\n').slice(-8).join(' / ').slice(0, 700),
  }
}

export const toolOutcome = (
  { commandLine, exitCode, errno, detail, printed }: ToolRun,
  endsWell: (exitCode: number) => boolean = (code) => code === 0,
): Outcome => {
  if (errno === null) {
    if (exitCode !== null && endsWell(exitCode)) return done(`${commandLine}: ${printed || 'it printed nothing.'}`)
    return failed('tool_failed', `${commandLine} exited with ${exitCode ?? 'a signal'}: ${printed}`.slice(0, 900))
  }
  return errno === 'ENOENT' || errno === 'EPERM'
    ? refusedAct(refused('tool_missing', detail.slice(0, 500)))
    : failedBy(errno, `${detail} ${printed}`.slice(0, 900))
}
