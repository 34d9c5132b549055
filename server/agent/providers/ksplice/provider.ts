import type { ProviderPatch, ProviderReport, ProviderStep } from '@rebootless/shared/contract/provider.ts'
import type { ProviderFindings } from '@rebootless/shared/domain/provider-report.ts'
import { PROVIDER_TITLES } from '@rebootless/shared/domain/provider-titles.ts'
import type { Provider, ProviderHost } from '../provider.ts'
import { boundPatches, firstProgram, trouble } from '../tool-text.ts'
import { readClientPackage } from './client-package.ts'
import { codeMeaning, wasAnswered } from './exit-codes.ts'
import { type LoadedUpdate, readLoadedUpdates } from './loaded-updates.ts'
import { failedPatches, toPatch, userPatch } from './patches.ts'
import {
  CONFIG,
  DISABLE,
  EFFECTIVE_KERNEL,
  isRunning,
  readUptrackConfig,
  readUptrackFiles,
  type UptrackConfig,
  type UptrackFiles,
} from './read-files.ts'
import { findKsplice, findTools, runAvailable, runEffective, runShow, runUserShow, TOOLS } from './run-tools.ts'
import type { KspliceUpdate } from './update-titles.ts'
import { usualDirectory } from './uptrack-directory.ts'

type Trouble = ProviderReport['troubles'][number]

const TROUBLES_MAX = 16
const STEPS_MAX = 512
const BLOCKERS_MAX = 64

/**
 * Ksplice by its client Uptrack, the enhanced client `ksplice`, or an offline variant of either. What they write is read
 * first; a tool runs only for what the files lack, since each takes the client's lock.
 */
export const kspliceProvider: Provider = {
  name: 'ksplice',
  title: PROVIDER_TITLES.ksplice,
  detect: async (host) =>
    (await firstProgram(host, TOOLS)) !== null || (await host.exists(CONFIG)) || (await host.exists(EFFECTIVE_KERNEL)),
  // Not `status`: the tools write it anew with the time whenever they are run, also by this provider.
  watches: (host) => [
    ...[EFFECTIVE_KERNEL, DISABLE, '/sys/kernel/ksplice', '/sys/module'],
    ...['upgrade_plan', 'results'].map((name) => `${usualDirectory(host)}/${name}`),
  ],
  read: async (host) => {
    const troubles: Trouble[] = []
    const config = await readUptrackConfig(host)
    const files = await readUptrackFiles(host, troubles)
    // One with a key is on line, and says its version itself.
    const client = config.hasAccessKey === true ? null : await readClientPackage(host)
    const inKernel = await readLoadedUpdates(host)
    const known = await askTools(host, config, files, inKernel, troubles)
    const kernelPatches = known.loaded?.map((update) => toPatch(update, known, files, config)) ?? null
    const userPatches = known.user?.map(userPatch) ?? []
    const access = accessOf(files, config, client?.offline === true, known.code)
    const { patching, failed } = inTheWay(known.loaded ?? [], files)
    for (const action of files.results?.failed ?? [])
      troubles.push(
        trouble(
          'results',
          files.results?.code ?? null,
          `${action.command} [${action.id}] failed: ${action.abort ?? 'no reason given'}.`,
        ),
      )
    // A general failure, the lock held for example, says nothing of the host's access, and names no action.
    const { code, message, failed: actions } = files.results ?? { code: null, message: null, failed: [] }
    if (code === 1 && message !== null && actions.length === 0)
      troubles.push(trouble('results', code, message.slice(0, 300)))
    const steps = known.steps?.slice(0, STEPS_MAX) ?? null
    if ((known.steps?.length ?? 0) > STEPS_MAX)
      troubles.push(trouble('upgrade_plan', null, `It has ${known.steps?.length} steps; ${STEPS_MAX} are kept.`))
    const patches =
      kernelPatches === null && userPatches.length === 0
        ? null
        : [...(kernelPatches ?? []), ...failedPatches(files, known.loaded), ...userPatches]
    const isUpToDate = steps?.length === 0 && access.coverage === 'supported' && !failed && !patching
    const findings: ProviderFindings = {
      ...access,
      version: files.status?.clientVersion ?? client?.version ?? null,
      detail: sentence(kernelPatches, userPatches.length, config.disabledBy),
      active: config.disabledBy === null,
      effectiveKernel: known.effectiveKernel,
      patches: patches === null ? null : boundPatches('ksplice', patches, troubles),
      steps,
      behind: steps === null ? null : steps.length > 0,
      inProgress: inKernel === null ? null : patching,
      blockers: blockers(known.loaded ?? [], files),
      reboot: isUpToDate ? 'no' : 'unknown',
      rebootReason: isUpToDate ? 'Ksplice offers nothing that is not in.' : null,
      checkedAt: checkedAt(files),
      settings: [...config.settings, ...(client?.offline ? [{ name: 'client', value: 'offline' }] : [])],
      troubles: troubles.slice(0, TROUBLES_MAX),
    }
    return findings
  },
}

interface Known {
  /** null: not known. */
  readonly loaded: readonly LoadedUpdate[] | null
  readonly titles: ReadonlyMap<string, string>
  readonly user: readonly KspliceUpdate[] | null
  readonly steps: readonly ProviderStep[] | null
  readonly effectiveKernel: string | null
  /** What the tools exited with where it says something; null: none ran, or it says nothing. */
  readonly code: number | null
}

/** What the files tell, and from the tools what they do not. */
const askTools = async (
  host: ProviderHost,
  config: UptrackConfig,
  files: UptrackFiles,
  inKernel: readonly LoadedUpdate[] | null,
  troubles: Trouble[],
): Promise<Known> => {
  const titles = new Map<string, string>()
  const addTitles = (updates: readonly KspliceUpdate[]) => {
    for (const { id, name } of updates) titles.set(id, name)
  }
  addTitles([...(files.upgradePlan?.steps ?? []), ...(files.initPlan?.steps ?? []), ...(files.status?.installed ?? [])])
  let effectiveKernel = effectiveByFile(host, files, inKernel)
  let steps = files.upgradePlan?.steps ?? null
  // Switched off, the tools refuse everything.
  const tools = config.disabledBy === null ? await findTools(host) : null
  let installed = files.status?.installed ?? []
  let loaded = inKernel
  if (tools === null)
    return { loaded: inOrder(loaded, installed), titles, user: null, steps, effectiveKernel, code: null }
  const codes: (number | null)[] = []
  const spokenOf = [...(files.status?.installed ?? []), ...(files.effective?.installed ?? [])]
  const saysMore = inKernel?.length === 0 && spokenOf.length > 0
  if (inKernel === null || saysMore || inKernel.some(({ id }) => !titles.has(id)) || files.status === null) {
    const { answer, code } = await runShow(host, tools, troubles)
    codes.push(code)
    installed = answer?.installed ?? installed
    addTitles(installed)
    effectiveKernel ??= answer?.effectiveKernel ?? null
    // A client newer than the sysfs that is known here may keep its updates elsewhere: then its own list counts.
    if (answer !== null && (inKernel?.length ?? 0) === 0)
      loaded = answer.installed.map(({ id }) => ({ id, state: 'applied', stage: null, blockers: [] }))
  }
  if (steps === null) {
    const { answer, code } = await runAvailable(host, tools, troubles)
    codes.push(code)
    steps = answer
  }
  effectiveKernel ??= await runEffective(host, tools, troubles)
  const ksplice = await findKsplice(host)
  const user = ksplice === null ? null : await runUserShow(host, ksplice, troubles)
  const code = codes.find((value) => value !== null && value >= 10) ?? null
  return { loaded: inOrder(loaded, installed), titles, user, steps, effectiveKernel, code }
}

/** In the client's order, which is the one that they went in by; those that it does not list come last. */
const inOrder = (
  loaded: readonly LoadedUpdate[] | null,
  installed: readonly KspliceUpdate[],
): readonly LoadedUpdate[] | null => {
  const positions = new Map(installed.map(({ id }, position) => [id, position]))
  const position = ({ id }: LoadedUpdate) => positions.get(id) ?? installed.length
  return loaded?.toSorted((a, b) => position(a) - position(b)) ?? null
}

/** The file holds only for this boot's kernel, with just these updates in it (uptrack 2011, getEffective). */
const effectiveByFile = (
  host: ProviderHost,
  { effective }: UptrackFiles,
  inKernel: readonly LoadedUpdate[] | null,
): string | null => {
  if (effective === null || inKernel === null || !isRunning(host, effective.original)) return null
  const applied = new Set(inKernel.flatMap(({ id, state }) => (state === 'applied' ? [id] : [])))
  const then = new Set(effective.installed)
  const isSame = applied.size === then.size && [...applied].every((id) => then.has(id))
  return isSame ? effective.effectiveKernel : null
}

const accessOf = ({ results }: UptrackFiles, config: UptrackConfig, isOffline: boolean, toolCode: number | null) => {
  const last = codeMeaning(toolCode ?? results?.code ?? null)
  const coverage = results?.desupported === true ? ('end_of_life' as const) : (last.coverage ?? 'unknown')
  if (config.disabledBy !== null)
    return { access: 'disabled' as const, accessDetail: `Switched off by ${config.disabledBy}.`, coverage }
  if (last.access !== undefined) return { access: last.access, accessDetail: last.accessDetail ?? null, coverage }
  if (isOffline)
    return { access: 'ok' as const, accessDetail: 'The offline client takes updates from packages.', coverage }
  if (config.hasAccessKey === false)
    return { access: 'not_registered' as const, accessDetail: 'There is no access key.', coverage }
  return { access: 'unknown' as const, accessDetail: null, coverage }
}

const inTheWay = (loaded: readonly LoadedUpdate[], { results }: UptrackFiles) => ({
  patching: loaded.some(({ state }) => state === 'patching'),
  failed: (results?.failed.length ?? 0) > 0,
})

/** Of updates that are being tried now, else of the last run's that failed. */
const blockers = (loaded: readonly LoadedUpdate[], { results }: UptrackFiles): ProviderReport['blockers'] => {
  const now = loaded.flatMap((update) => update.blockers)
  const then = results?.failed.flatMap((action) => action.blockers) ?? []
  return (now.length > 0 ? now : then).slice(0, BLOCKERS_MAX)
}

/** The plan comes from the server; so does an answer that refuses. */
const checkedAt = ({ results, upgradePlan }: UptrackFiles): string | null => {
  const answered = results?.code != null && wasAnswered(results.code) ? results.time : null
  return [answered, upgradePlan?.time ?? null].reduce(
    (latest, time) => (time !== null && (latest === null || time > latest) ? time : latest),
    null,
  )
}

const sentence = (patches: readonly ProviderPatch[] | null, userCount: number, disabledBy: string | null): string => {
  const count = patches?.filter(({ state }) => state === 'applied').length ?? 0
  const kernel =
    patches === null
      ? 'Ksplice is here; its updates in the kernel could not be read.'
      : `Ksplice has ${count === 0 ? 'no update' : `${count} update${count === 1 ? '' : 's'}`} in the kernel.`
  const user = userCount === 0 ? '' : ` ${userCount} more ${userCount === 1 ? 'is' : 'are'} in running programs.`
  return `${kernel}${user}${disabledBy === null ? '' : ` It is switched off by ${disabledBy}.`}`
}
