import type { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import { compareVersions } from '../distribution/compare-releases.ts'
import type { ProviderHost } from '../provider.ts'
import { moduleName, runTrouble, trouble } from '../tool-text.ts'

type Trouble = ProviderReport['troubles'][number]

/** What the file of a module says of itself. */
export interface ModuleInfo {
  /** MODULE_VERSION of its source; null: it has none, as most livepatches. */
  readonly version: string | null
  /** The kernel that it was built for, the first word of its version magic; null: it does not say. */
  readonly release: string | null
  readonly isLivepatch: boolean
}

export const MODULES_ASKED_MAX = 8
/** modinfo reads one file. */
const TIME_MS = 3_000
/** Since then a livepatch says that it is one, and no other module is enabled as one (kernel/livepatch/core.c, klp_enable_patch). */
const MARKED_SINCE = '4.7'

/**
 * `kpatch info FILE`: a title, then what modinfo(8) prints, `KEY:` and its value, a line each (dynup/kpatch, kpatch/kpatch). The first
 * of a key counts, as in the module's own list. null: modinfo has not read it.
 */
export const parseModuleInfo = (text: string): ModuleInfo | null => {
  const fields = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, key, value] = /^(version|vermagic|livepatch): *(.*)$/.exec(line) ?? []
    if (key !== undefined && value !== undefined && !fields.has(key)) fields.set(key, value.trim())
  }
  const release = /^\S{1,128}(?= |$)/.exec(fields.get('vermagic') ?? '')?.[0] ?? null
  if (release === null && !fields.has('livepatch')) return null
  const version = fields.get('version')?.slice(0, 64)
  return { version: version ? version : null, release, isLivepatch: fields.get('livepatch') === 'Y' }
}

/**
 * Of the modules installed for the running kernel, by name. By their paths, which each version of the tool takes; and once while the
 * same files are there.
 */
export const readModuleInfos = async (
  host: ProviderHost,
  tool: string,
  files: readonly string[],
  troubles: Trouble[],
): Promise<ReadonlyMap<string, ModuleInfo>> => {
  const infos = new Map<string, ModuleInfo>()
  for (const file of files.slice(0, MODULES_ASKED_MAX)) {
    const result = await host.run(tool, ['info', file], { timeMs: TIME_MS, dependsOn: files.join('\n') })
    const source = `${tool} info ${file}`
    const wrong = runTrouble(source, result)
    const info = wrong === null ? parseModuleInfo(result.stdout) : null
    if (info !== null) infos.set(moduleName(file.slice(file.lastIndexOf('/') + 1)), info)
    else troubles.push(wrong ?? trouble(source, 0, 'What it printed is not understood.'))
    if (!result.ok && result.errno === 'ETIMEDOUT') break
  }
  return infos
}

/** Why the kernel may refuse it at the next boot; null: nothing speaks against it. */
export const unfitness = (host: ProviderHost, { release, isLivepatch }: ModuleInfo): string | null => {
  if (release !== null && release !== host.kernel.release) return `built for ${release}`
  const isAsked = host.livepatches !== null && compareVersions(host.kernel.release, MARKED_SINCE) >= 0
  return isAsked && !isLivepatch ? 'not marked as a livepatch, so this kernel does not enable it' : null
}
