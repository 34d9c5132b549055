import type { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import { compareVersions } from '../distribution/compare-releases.ts'
import type { ProviderHost } from '../provider.ts'
import { runTrouble, trouble } from '../tool-text.ts'

type Trouble = ProviderReport['troubles'][number]
type Step = NonNullable<ProviderReport['steps']>[number]

const ZYPPER = '/usr/bin/zypper'
/** It loads all its package lists first. */
const TIME_MS = 15_000
/** From the lists as last fetched: nothing is asked of a server. */
const SEARCH = ['--no-refresh', '--xmlout', 'search', '--details', '--match-exact', '--type', 'package'] as const

/** `kernel-livepatch-6_4_0-150600_23_25-default` of `6.4.0-150600.23.25-default`; null: SUSE makes none for such a kernel. */
export const susePackage = (release: string): string | null =>
  /^\d+\.\d+\.\d+-\d[\d.]*-(?:default|rt)$/.test(release) ? `kernel-livepatch-${release.replaceAll('.', '_')}` : null

/**
 * The livepatch package that the lists have for the running kernel, when the kernel has not that one; null: not known.
 * @param active edition of the patch that counts; null: none does; undefined: that could not be read
 */
export const readSuseOffers = async (
  host: ProviderHost,
  active: string | null | undefined,
  troubles: Trouble[],
): Promise<Step[] | null> => {
  const name = susePackage(host.kernel.release)
  if (name === null || !(await host.exists(ZYPPER))) return null
  const args = ['--non-interactive', ...SEARCH, name]
  const result = await host.run(ZYPPER, args, { timeMs: TIME_MS })
  // ZYPPER_EXIT_INF_CAP_NOT_FOUND: the repository of livepatches may just as well not be registered.
  if (result.ok && result.exitCode === 104) return null
  const wrong = runTrouble(`${ZYPPER} search ${name}`, result)
  if (wrong !== null) {
    troubles.push(wrong)
    return null
  }
  const steps = parseSuseSearch(result.stdout, name, active)
  if (steps === null) troubles.push(trouble(`${ZYPPER} search ${name}`, 0, 'What it printed is not understood.'))
  return steps
}

const field = (solvable: string, name: string): string =>
  new RegExp(` ${name}="([^"]{1,128})"`).exec(solvable)?.[1] ?? ''

/**
 * `<solvable status="installed" name=… edition=… arch=…/>`, one for each version: zypper(8). What is installed need not be in
 * the kernel, whose loading may have failed. null: it has none of that name.
 */
export const parseSuseSearch = (text: string, name: string, active: string | null | undefined): Step[] | null => {
  const found = (text.match(/<solvable [^<>]*>/g) ?? []).filter(
    (solvable) => field(solvable, 'name') === name && field(solvable, 'edition') !== '',
  )
  const newest = found.reduce(
    (best, one) => (compareVersions(field(one, 'edition'), field(best, 'edition')) > 0 ? one : best),
    found[0] ?? '',
  )
  if (newest === '') return null
  const edition = field(newest, 'edition')
  const isInstalled = found.some((one) => field(one, 'status') === 'installed' && field(one, 'edition') === edition)
  if (active === undefined ? isInstalled : active === edition) return []
  const id = `${name}-${edition}.${field(newest, 'arch')}`.slice(0, 128)
  return [{ action: 'install', id, name: id, cves: [] }]
}
