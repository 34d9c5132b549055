import type { ProviderPatch, ProviderReport } from '@rebootless/shared/contract/provider.ts'
import { PROVIDER_TITLES } from '@rebootless/shared/domain/provider-titles.ts'
import type { ProviderPatchState } from '@rebootless/shared/domain/words.ts'
import { askSuseTool, readBlockers, readCoverage, suseSentence } from '../klp/suse-report.ts'
import { patchedByUname, rpmVersion, type SusePatch } from '../klp/suse-text.ts'
import type { Provider } from '../provider.ts'
import { boundPatches, firstProgram } from '../tool-text.ts'
import { KGRAFT_DIRECTORY, type KgraftPatch, readKgraftBlocking, readKgraftSysfs } from './kgraft-sysfs.ts'

type Trouble = ProviderReport['troubles'][number]

const TOOLS = ['/usr/bin/kgr', '/usr/sbin/kgr'] as const

/** kGraft, SUSE's system on SLE 12: its sysfs, and `kgr` of the package kgraft (kgr.man). */
export const kgraftProvider: Provider = {
  name: 'kgraft',
  title: PROVIDER_TITLES.kgraft,
  detect: async (host) => (await host.exists(KGRAFT_DIRECTORY)) || (await firstProgram(host, TOOLS)) !== null,
  watches: () => [KGRAFT_DIRECTORY, `${KGRAFT_DIRECTORY}/in_progress`],
  read: async (host) => {
    const troubles: Trouble[] = []
    const sysfs = await readKgraftSysfs(host)
    const tool = await firstProgram(host, TOOLS)
    const answers = tool === null ? null : await askSuseTool(host, tool, troubles)
    const inProgress = sysfs?.inProgress ?? answers?.inProgress ?? null
    const listed = answers?.patches ?? sysfs?.patches.map(bySysfs) ?? null
    const patches =
      listed?.map((patch) => {
        const found = toPatch(
          patch,
          sysfs?.patches.find(({ name }) => name === patch.name),
          inProgress,
        )
        // Only the tool's own word is shown as such.
        return answers?.patches == null ? { ...found, stateText: null } : found
      }) ?? null
    const active = listed?.filter((patch) => patch.active === '1') ?? []
    return {
      ...(await readCoverage(host, 'kgraft-patch', active.at(-1))),
      detail: suseSentence(listed),
      active: listed === null ? (patchedByUname(host.kernel.version) ? true : null) : active.length > 0,
      patches: patches === null ? null : boundPatches(tool ?? KGRAFT_DIRECTORY, patches, troubles),
      inProgress,
      blockers: inProgress === true ? await readBlockers(host, await readKgraftBlocking(host)) : [],
      troubles: troubles.slice(0, 16),
    }
  },
}

const IN: readonly ProviderPatchState[] = ['applied', 'patching', 'unpatching']

/** Without the tool's word. A module is named after its package's version: kgraft_patch_2_2_1 is of kgraft-patch-…-2-2.1. */
const bySysfs = ({ name, state }: KgraftPatch): SusePatch => ({
  ...{ name, active: IN.includes(state) ? '1' : state === 'unknown' ? '' : '0', rpm: null, cves: [] },
  initial: /^kgraft_patch_1_/.test(name),
})

const toPatch = (patch: SusePatch, seen: KgraftPatch | undefined, inProgress: boolean | null): ProviderPatch => ({
  ...{ id: patch.name, name: patch.name, version: rpmVersion(patch.rpm), target: 'kernel', cves: [...patch.cves] },
  ...{
    state: stateOf(patch, seen, inProgress),
    stateText: patch.active === '' ? null : `active: ${patch.active}`.slice(0, 64),
  },
  // kGraft replaces functions by itself, beside livepatch.
  livepatch: null,
  ...(seen === undefined ? {} : { objects: [...seen.objects] }),
  ...{ atNextBoot: null, protects: !patch.initial, withdrawn: false },
})

const stateOf = (
  { active }: SusePatch,
  seen: KgraftPatch | undefined,
  inProgress: boolean | null,
): ProviderPatchState => {
  if (seen?.state === 'patching' || seen?.state === 'unpatching') return seen.state
  if (active === '0') return 'superseded'
  if (active !== '1') return 'unknown'
  if (seen?.state === 'applied') return 'applied'
  return inProgress === null ? 'unknown' : inProgress ? 'patching' : 'applied'
}
