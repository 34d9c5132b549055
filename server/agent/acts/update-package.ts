import { refused } from '../commands/signatures.ts'
import { dnfChange, type PackageChange, zypperChange } from './livepatch-package.ts'
import { type ActJournal, type ActPorts, type Outcome, refusedAct } from './ports.ts'
import { runTool, type ToolRun, toolOutcome } from './run-tool.ts'

type Run = (program: string, ...args: string[]) => Promise<ToolRun>

/** One package, of which no recommended one follows and with which nothing else may change. */
interface Manager {
  readonly program: string
  /** null: it would not say. */
  preview(run: Run, name: string): Promise<{ readonly ran: ToolRun; readonly change: PackageChange | null }>
  readonly install: (wanted: string) => readonly string[]
  readonly endsWell: (exitCode: number) => boolean
}

const ZYPPER_INSTALL = ['install', '--no-recommends', '--type', 'package', '--name'] as const

/** zypper(8). `install` also updates. What was looked at is installed of the same lists: the second run does not refresh them. */
const ZYPPER: Manager = {
  program: '/usr/bin/zypper',
  preview: async (run, name) => {
    const ran = await run(ZYPPER.program, '--non-interactive', '--xmlout', ...ZYPPER_INSTALL, '--dry-run', name)
    return { ran, change: ran.exitCode === 0 ? zypperChange(ran.stdout, name) : null }
  },
  install: (wanted) => ['--non-interactive', '--no-refresh', ...ZYPPER_INSTALL, wanted],
  // ZYPPER_EXIT_INF_REBOOT_NEEDED, ZYPPER_EXIT_INF_RESTART_NEEDED: both after it was installed.
  endsWell: (exitCode) => exitCode === 0 || exitCode === 102 || exitCode === 103,
}

/** dnf(8), yum(8): `install` of what is there may leave it as it is, `update` of what is not there finds nothing. */
const dnfOf = (program: string, options: readonly string[]): Manager => ({
  program,
  preview: async (run, name) => {
    const installed = (await run('/usr/bin/rpm', '-q', name)).exitCode === 0
    const ran = await run(program, '--assumeno', ...options, installed ? 'update' : 'install', name)
    // To answer no is its error 1.
    const said = ran.exitCode === 0 || ran.exitCode === 1 ? dnfChange(ran.stdout, name) : null
    return { ran, change: said === 'other' && !ran.stdout.includes('\nTransaction Summary\n') ? null : said }
  },
  install: (wanted) => ['-y', ...options, 'install', wanted],
  endsWell: (exitCode) => exitCode === 0,
})
const DNF = [
  dnfOf('/usr/bin/dnf', ['--setopt=install_weak_deps=False']),
  // Amazon Linux 2 and Red Hat Enterprise Linux 7.
  dnfOf('/usr/bin/yum', []),
]

/**
 * Installs or updates the package that carries this kernel's livepatches, once a dry run has said that nothing else would
 * change; its own scriptlets load the module. The tool's outcome; `nothing`: there is no newer one.
 */
export const updatePackage = async (
  provider: string,
  name: string,
  ports: ActPorts,
  journal: ActJournal,
): Promise<Outcome | 'nothing'> => {
  const run: Run = (program, ...args) => runTool(ports, program, args)
  let outcome: Outcome | undefined
  for (const manager of provider === 'klp' ? [ZYPPER] : DNF) {
    const { ran, change } = await manager.preview(run, name)
    if (change === 'nothing') return 'nothing'
    if (change === null) {
      outcome = toolOutcome(ran, () => false)
      if (ran.errno !== 'ENOENT') return outcome
      continue
    }
    if (change === 'other') {
      const what = `${manager.program} would change more than ${name}, or did not say what: ${ran.printed}`
      return refusedAct(refused('package_not_alone', what.slice(0, 900)))
    }
    const stopped = await journal.effect({ step: 'tool', aim: null })
    if (stopped !== null) return refusedAct(stopped)
    return toolOutcome(await run(manager.program, ...manager.install(change.package)), manager.endsWell)
  }
  return outcome ?? refusedAct(refused('tool_missing', 'There is no package manager.'))
}
