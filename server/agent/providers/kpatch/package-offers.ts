import type { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import type { ProviderFindings } from '@rebootless/shared/domain/provider-report.ts'
import type { ProviderHost } from '../provider.ts'
import { firstProgram, runTrouble, trouble } from '../tool-text.ts'
import { packagePrefix } from './kernel-names.ts'
import { isNoSuchCommand, metadataAgeMs, parseKpatchDnfStatus, parseSupport, parseUpdateInfo } from './package-lists.ts'

type Trouble = ProviderReport['troubles'][number]
export type PackageOffers = Pick<ProviderFindings, 'coverage' | 'coverageUntil' | 'steps' | 'checkedAt' | 'settings'>

const DNF = '/usr/bin/dnf'
const YUM = '/usr/bin/yum'
/** dnf waits for another dnf; one that hangs is not asked a second time, so that the provider ends within its own time. */
const TIME_MS = 15_000
/**
 * `-C` answers from stored lists and asks no server; `--assumeno` since `kpatch status` asks dnf to resolve, which must never
 * end in an installation. dnf writes its own log, as it does for every user.
 */
const OPTIONS = ['-C', '--assumeno'] as const

/** What the distribution's package lists, as last fetched, offer for the running kernel. */
export const readPackageOffers = async (host: ProviderHost, troubles: Trouble[]): Promise<PackageOffers> => {
  const prefix = packagePrefix(host.kernel.release)
  if (prefix === null) return {}
  if (prefix.startsWith('kernel-livepatch-')) return readAmazonOffers(host, prefix, troubles)
  if (!(await host.exists('/etc/dnf/plugins/kpatch.conf')) || !(await host.exists(DNF))) return {}
  const said = await ask(host, DNF, ['kpatch', 'status'], troubles)
  if (said === null) return {}
  const status = parseKpatchDnfStatus(said, prefix)
  if (status === null) troubles.push(notUnderstood(DNF, ['kpatch', 'status']))
  return {
    steps: status?.steps ? [...status.steps] : null,
    settings: [...(status?.settings ?? [])],
    checkedAt: checkedAt(host, said),
  }
}

const readAmazonOffers = async (host: ProviderHost, prefix: string, troubles: Trouble[]): Promise<PackageOffers> => {
  const program = await firstProgram(host, [DNF, YUM])
  if (program === null) return {}
  const question = ['kernel-livepatch', program === DNF ? 'support' : 'supported']
  const answer = await host.run(program, [...OPTIONS, ...question], { timeMs: TIME_MS })
  const said = `${answer.stdout}\n${answer.stderr}`
  if (isNoSuchCommand(said)) return { settings: [{ name: 'kernel-livepatch plugin', value: 'not installed' }] }
  if (!answer.ok && answer.errno === 'ETIMEDOUT') {
    troubles.push(trouble(commandLine(program, question), null, answer.detail))
    return {}
  }
  const support = parseSupport(said, new Date(host.now()).toISOString().slice(0, 10))
  // Once support has ended the plugin says so and fails: that is an answer.
  if (support === null)
    troubles.push(runTrouble(commandLine(program, question), answer) ?? notUnderstood(program, question))
  const list = ['updateinfo', 'list', 'cves']
  const listed = await ask(host, program, list, troubles)
  const steps = listed === null ? null : parseUpdateInfo(listed, prefix)
  if (listed !== null && steps === null) troubles.push(notUnderstood(program, list))
  return {
    ...{ coverage: support?.coverage ?? 'unknown', coverageUntil: support?.until ?? null, steps },
    checkedAt: listed === null ? null : checkedAt(host, listed),
  }
}

const ask = async (
  host: ProviderHost,
  program: string,
  args: readonly string[],
  troubles: Trouble[],
): Promise<string | null> => {
  const result = await host.run(program, [...OPTIONS, ...args], { timeMs: TIME_MS })
  const wrong = runTrouble(commandLine(program, args), result)
  if (wrong !== null) troubles.push(wrong)
  return wrong === null ? result.stdout : null
}

const commandLine = (program: string, args: readonly string[]) => [program, ...OPTIONS, ...args].join(' ')

const notUnderstood = (program: string, args: readonly string[]) =>
  trouble(commandLine(program, args), 0, 'What it printed is not understood.')

/** To the second, as the tool counts. */
const checkedAt = (host: ProviderHost, text: string): string | null => {
  const age = metadataAgeMs(text)
  return age === null ? null : new Date(Math.floor((host.now() - age) / 1000) * 1000).toISOString()
}
