import type { ProviderPatch, ProviderReport } from '@rebootless/shared/contract/provider.ts'
import { PROVIDER_TITLES } from '@rebootless/shared/domain/provider-titles.ts'
import type { ProviderPatchState } from '@rebootless/shared/domain/words.ts'
import type { Provider, ProviderHost } from '../provider.ts'
import { boundPatches, firstProgram, runTrouble } from '../tool-text.ts'
import { readSuseOffers } from './package-offers.ts'
import { askSuseTool, readBlockers, readCoverage, suseSentence } from './suse-report.ts'
import { parseBlocking, patchedByUname, rpmEdition, rpmVersion, type SusePatch } from './suse-text.ts'

type Trouble = ProviderReport['troubles'][number]

const TOOLS = ['/usr/bin/klp', '/usr/sbin/klp'] as const

/** SUSE's livepatches on SLE 15 and Micro, by `klp` of the package kernel-livepatch-tools (klp.man). */
export const klpProvider: Provider = {
  name: 'klp',
  title: PROVIDER_TITLES.klp,
  detect: async (host) => (await firstProgram(host, TOOLS)) !== null,
  // What it tells of changes with /sys/kernel/livepatch, which is looked at anyway.
  watches: () => [],
  read: async (host) => {
    const troubles: Trouble[] = []
    const tool = (await firstProgram(host, TOOLS)) ?? TOOLS[0]
    const answers = await askSuseTool(host, tool, troubles)
    const inProgress = answers.inProgress ?? inTransition(host)
    const listed = answers.patches
    const patches = listed?.map((patch) => toPatch(host, patch, inProgress)) ?? null
    const active = listed?.filter((patch) => patch.active === '1') ?? []
    const isActive = listed === null ? (patchedByUname(host.kernel.version) ? true : null) : active.length > 0
    return {
      ...(await readCoverage(host, 'kernel-livepatch', active.at(-1))),
      ...{ detail: suseSentence(listed), active: isActive, inProgress },
      steps: await readSuseOffers(host, listed === null ? undefined : rpmEdition(active.at(-1)?.rpm ?? null), troubles),
      patches: patches === null ? null : boundPatches(tool, patches, troubles),
      blockers: inProgress === true ? await readBlockers(host, await blockingPids(host, tool, troubles)) : [],
      troubles: troubles.slice(0, 16),
    }
  },
}

const inTransition = (host: ProviderHost): boolean | null =>
  host.livepatches === null ? null : host.livepatches.some(({ transition }) => transition === true)

const blockingPids = async (host: ProviderHost, tool: string, troubles: Trouble[]): Promise<number[]> => {
  const result = await host.run(tool, ['blocking'])
  const wrong = runTrouble(`${tool} blocking`, result)
  if (wrong !== null) troubles.push(wrong)
  return wrong === null ? parseBlocking(result.stdout) : []
}

const toPatch = (host: ProviderHost, patch: SusePatch, inProgress: boolean | null): ProviderPatch => ({
  ...{ id: patch.name, name: patch.name, version: rpmVersion(patch.rpm), target: 'kernel', cves: [...patch.cves] },
  ...{ state: stateOf(host, patch, inProgress), stateText: `active: ${patch.active}`.slice(0, 64) },
  ...{ livepatch: patch.name, atNextBoot: null, protects: !patch.initial, withdrawn: false },
})

/** `active: 1` says that a patch is the one that counts, not that every task has it: that is for sysfs, else for `klp status`. */
const stateOf = (host: ProviderHost, { name, active }: SusePatch, inProgress: boolean | null): ProviderPatchState => {
  const seen = host.livepatches?.find((patch) => patch.name === name)
  if (active !== '1' && active !== '0') return 'unknown'
  if (seen?.transition === true && seen.enabled !== null) return seen.enabled ? 'patching' : 'unpatching'
  if (active === '0') return 'superseded'
  if (seen?.transition === false) return 'applied'
  return inProgress === null ? 'unknown' : inProgress ? 'patching' : 'applied'
}
