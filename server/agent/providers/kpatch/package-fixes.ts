import type { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import type { ProviderHost } from '../provider.ts'
import { firstProgram, runTrouble } from '../tool-text.ts'
import { packagePrefix } from './kernel-names.ts'
import { type ChangelogEntry, parseChangelog } from './kpatch-changelog.ts'

type Trouble = ProviderReport['troubles'][number]

const PACKAGES_MAX = 4

/**
 * What Red Hat's package for the running kernel has fixed, by its change log; Amazon's packages say it by their modules'
 * names. Empty: there is no such package.
 */
export const readPackageFixes = async (host: ProviderHost, troubles: Trouble[]): Promise<ChangelogEntry[]> => {
  const prefix = packagePrefix(host.kernel.release)
  if (!prefix?.startsWith('kpatch-patch-')) return []
  const rpm = await firstProgram(host, ['/usr/bin/rpm', '/bin/rpm'])
  if (rpm === null) return []
  const ask = async (args: readonly string[]) => {
    const result = await host.run(rpm, args)
    const wrong = runTrouble([rpm, ...args].join(' '), result)
    if (wrong !== null) troubles.push(wrong)
    return result.stdout.split('\n').slice(0, result.ok && !result.truncated ? undefined : -1)
  }
  const names = (await ask(['-qa', 'kpatch-patch*'])).map((line) => line.trim())
  const packages = names.filter((name) => name.startsWith(prefix) && /^[\w.+~^-]+$/.test(name))
  const entries: ChangelogEntry[] = []
  for (const name of packages.slice(0, PACKAGES_MAX))
    entries.push(...parseChangelog((await ask(['-q', '--changelog', name])).join('\n')))
  return entries
}
