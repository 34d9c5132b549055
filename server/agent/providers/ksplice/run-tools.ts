import type { ProviderReport, ProviderStep } from '@rebootless/shared/contract/provider.ts'
import type { ProviderHost } from '../provider.ts'
import { firstProgram, runTrouble, trouble } from '../tool-text.ts'
import { cvesOfTitle, type KspliceUpdate } from './update-titles.ts'
import { hasNoUserTargets, kernelVersion, parseUptrackShow, parseUserShow } from './uptrack-text.ts'

type Trouble = ProviderReport['troubles'][number]

/** The command lines of one client; none of them dials out or changes the kernel (uptrack 2011; Oracle's user's guide). */
export interface KspliceTools {
  readonly show: readonly string[]
  readonly available: readonly string[]
  readonly effective: readonly string[] | null
}

const UPTRACK_SHOW = ['/usr/sbin/uptrack-show', '/usr/bin/uptrack-show'] as const
const UPTRACK_UNAME = ['/usr/bin/uptrack-uname', '/usr/sbin/uptrack-uname'] as const
const KSPLICE = ['/usr/sbin/ksplice', '/usr/bin/ksplice'] as const
/** What may be on a host of either client, offline variants included. */
export const TOOLS = [
  ...['/usr/sbin/uptrack-upgrade', '/usr/bin/uptrack-upgrade', '/usr/sbin/uptrack-install'],
  ...[...UPTRACK_SHOW, ...KSPLICE],
] as const

export const findKsplice = (host: ProviderHost): Promise<string | null> => firstProgram(host, KSPLICE)

/** Those of Uptrack, else of the enhanced client, whose kernel part does the same; null: neither is there. */
export const findTools = async (host: ProviderHost): Promise<KspliceTools | null> => {
  const uptrack = await firstProgram(host, UPTRACK_SHOW)
  if (uptrack !== null) {
    const uname = await firstProgram(host, UPTRACK_UNAME)
    const effective = uname === null ? null : [uname, '-r']
    return { show: [uptrack], available: [uptrack, '--available'], effective }
  }
  const ksplice = await findKsplice(host)
  if (ksplice === null) return null
  const kernel = [ksplice, 'kernel'] as const
  return {
    show: [...kernel, 'show'],
    available: [...kernel, 'show', '--available'],
    effective: [...kernel, 'uname', '-r'],
  }
}

export interface ToolAnswer<Answer> {
  readonly answer: Answer | null
  /** null: it did not run to its end. */
  readonly code: number | null
}

const run = async (host: ProviderHost, [program = '', ...args]: readonly string[], troubles: Trouble[]) => {
  const commandLine = [program, ...args].join(' ')
  // Uptrack waits up to 10 s for its lock while another of its programs runs.
  const result = await host.run(program, args, { timeMs: 15_000 })
  const wrong = runTrouble(commandLine, result)
  if (wrong !== null) troubles.push(wrong)
  return { commandLine, code: result.ok ? result.exitCode : null, text: result.ok ? result.stdout : null }
}

/** What is installed, with titles, and the effective kernel. */
export const runShow = async (
  host: ProviderHost,
  tools: KspliceTools,
  troubles: Trouble[],
): Promise<ToolAnswer<{ installed: readonly KspliceUpdate[]; effectiveKernel: string | null }>> => {
  const { commandLine, code, text } = await run(host, tools.show, troubles)
  const { installed, effectiveKernel } = parseUptrackShow(text ?? '')
  if (code === 0 && installed === null) troubles.push(trouble(commandLine, code, 'It printed no list of updates.'))
  return { code, answer: installed === null || code !== 0 ? null : { installed, effectiveKernel } }
}

/** What could be installed as of the client's last check. */
export const runAvailable = async (
  host: ProviderHost,
  tools: KspliceTools,
  troubles: Trouble[],
): Promise<ToolAnswer<readonly ProviderStep[]>> => {
  const { commandLine, code, text } = await run(host, tools.available, troubles)
  const { available } = parseUptrackShow(text ?? '')
  if (code === 0 && available === null) troubles.push(trouble(commandLine, code, 'It printed no list of updates.'))
  if (code !== 0 || available === null) return { code, answer: null }
  if (available.length > 0)
    troubles.push(trouble(commandLine, code, 'It leaves out updates that are to be removed before these go in.'))
  return {
    code,
    answer: available.map(({ id, name }) => ({
      ...{ action: 'install' as const, id, name: name.slice(0, 300), cves: cvesOfTitle(name) },
    })),
  }
}

export const runEffective = async (
  host: ProviderHost,
  tools: KspliceTools,
  troubles: Trouble[],
): Promise<string | null> => {
  if (tools.effective === null) return null
  const { code, text } = await run(host, tools.effective, troubles)
  return code === 0 ? kernelVersion(text ?? '') : null
}

/** Updates of running programs' libraries; null: not known. Only the enhanced client has them. */
export const runUserShow = async (
  host: ProviderHost,
  ksplice: string,
  troubles: Trouble[],
): Promise<readonly KspliceUpdate[] | null> => {
  const args = ['user', 'show']
  const result = await host.run(ksplice, args, { timeMs: 15_000 })
  if (result.ok && hasNoUserTargets(result.stdout + result.stderr)) return []
  const wrong = runTrouble([ksplice, ...args].join(' '), result)
  if (wrong !== null) troubles.push(wrong)
  return result.ok && result.exitCode === 0 ? parseUserShow(result.stdout) : null
}
