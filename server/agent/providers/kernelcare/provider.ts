import type { ProviderPatch, ProviderReport } from '@rebootless/shared/contract/provider.ts'
import type { ProviderFindings } from '@rebootless/shared/domain/provider-report.ts'
import { PROVIDER_TITLES } from '@rebootless/shared/domain/provider-titles.ts'
import type { Coverage } from '@rebootless/shared/domain/words.ts'
import type { Provider, ProviderHost } from '../provider.ts'
import { cveIds, firstProgram, runTrouble, trouble } from '../tool-text.ts'
import { type KcareInfo, parseInfo, parsePatchType } from './kcare-info.ts'
import { agentVersion, effectiveVersion, parseConfig, parsePatchInfo, redactConfig } from './kcare-texts.ts'
import { askVendor, type VendorAnswer, type VendorAnswers } from './vendor-answers.ts'

type Trouble = ProviderReport['troubles'][number]

const TOOLS = ['/usr/bin/kcarectl', '/usr/sbin/kcarectl'] as const
const PROC = '/proc/kcare'
const CONFIG = '/etc/sysconfig/kcare/kcare.conf'
const EFFECTIVE = `${PROC}/effective_version`
const KERNEL_CVES = `${PROC}/cvelist`
const USER_SPACE_CVES = '/var/cache/kcare/libcare_cvelist'
const CVES_MAX = 2048
const TROUBLES_MAX = 16

/** KernelCare, and LibCare for running programs. Its files first; `kcarectl` for what they lack. */
export const createKernelCareProvider = (answers: VendorAnswers = new Map()): Provider => ({
  name: 'kernelcare',
  title: PROVIDER_TITLES.kernelcare,
  detect: async (host) => (await firstProgram(host, TOOLS)) !== null || (await host.exists(PROC)),
  watches: () => [PROC, EFFECTIVE, KERNEL_CVES, USER_SPACE_CVES, CONFIG],
  read: async (host) => {
    const troubles: Trouble[] = []
    const tool = await firstProgram(host, TOOLS)
    const config = await readConfig(host)
    const text = (args: string) => runText(host, tool, args, troubles)
    const version = agentVersion((await text('--version')) ?? '')
    const { info, patchType } = await readInfo(host, tool, version, troubles)
    const kernel = await readKernelSet(host, text, info, troubles)
    const vendor = tool === null ? null : await askVendor(host, tool, { ...mayAsk(config, info), answers })
    troubles.push(...(vendor?.troubles ?? []))
    const user = await readCves(host, USER_SPACE_CVES, troubles)
    const patches = kernel.patches === null && user === null ? null : [...(kernel.patches ?? []), ...userPatches(user)]
    const isUpToDate = vendor?.status === 'newest'
    const findings: ProviderFindings = {
      detail: sentence(info, kernel.patches),
      version,
      active: kernel.patches?.length ? true : isOff(config) && info?.patched === false ? false : null,
      effectiveKernel: kernel.effectiveKernel,
      coverage: coverageOf(vendor, info),
      access: vendor?.access ?? 'unknown',
      accessDetail: vendor?.accessDetail ?? null,
      patches,
      behind: vendor?.behind ?? null,
      reboot: isUpToDate ? 'no' : 'unknown',
      rebootReason: isUpToDate ? 'KernelCare’s newest patch set is in.' : null,
      checkedAt: hasAnswered(vendor) ? new Date(vendor.atMs).toISOString() : null,
      settings: [...config, ...patchType],
      troubles: troubles.slice(0, TROUBLES_MAX),
    }
    return findings
  },
})

export const kernelcareProvider: Provider = createKernelCareProvider()

type Settings = ProviderReport['settings']
type RunText = (args: string) => Promise<string | null>

const readConfig = async (host: ProviderHost): Promise<Settings> => {
  const file = await host.readText(CONFIG, { redact: redactConfig })
  return file.ok ? parseConfig(file.value) : []
}

const settingOf = (settings: Settings, name: string) => settings.find((setting) => setting.name === name)?.value

/** Automatic updates are off: YES or NO, in the package's own file True or False. */
const isOff = (settings: Settings): boolean => /^(?:no|false|0)$/i.test(settingOf(settings, 'AUTO_UPDATE') ?? 'yes')

/** A host that does not ask the vendor by itself is not made to. */
const mayAsk = (settings: Settings, info: KcareInfo | null) => ({
  mayAsk: info !== null && !isOff(settings) && settingOf(settings, 'UPDATE_POLICY')?.toUpperCase() !== 'LOCAL',
  loaded: info?.patched && info.set !== null ? idOf(info.set) : null,
})

const runText = async (
  host: ProviderHost,
  tool: string | null,
  args: string,
  troubles: Trouble[],
): Promise<string | null> => {
  if (tool === null) return null
  const result = await host.run(tool, [args])
  const wrong = runTrouble(`${tool} ${args}`, result)
  if (wrong !== null) troubles.push(wrong)
  return result.ok ? result.stdout : null
}

const hasAnswered = (vendor: VendorAnswer | null): vendor is VendorAnswer =>
  vendor !== null && (vendor.status !== null || vendor.behind !== null)

/**
 * Its exit code without a patch is not documented, so that the text counts, whatever the code. What is loaded is told by the text
 * alone; the kind of set that was chosen by JSON, where the tool has it, which says the same as long as the text does.
 */
const readInfo = async (
  host: ProviderHost,
  tool: string | null,
  version: string | null,
  troubles: Trouble[],
): Promise<{ info: KcareInfo | null; patchType: Settings }> => {
  if (tool === null) return { info: null, patchType: [] }
  const printed = await host.run(tool, ['--info'])
  const info = parseInfo(printed.ok ? printed.stdout : '')
  if (info === null) {
    troubles.push(
      runTrouble(`${tool} --info`, printed) ?? trouble(`${tool} --info`, 0, 'It printed nothing that is known.'),
    )
    return { info, patchType: [] }
  }
  const json = await host.run(tool, ['--info', '--json'], { dependsOn: `${version}\n${printed.stdout}` })
  if (!json.ok) troubles.push(trouble(`${tool} --info --json`, null, json.detail))
  const value = json.ok ? parsePatchType(json.stdout) : null
  return { info, patchType: value === null ? [] : [{ name: 'patch type', value }] }
}

interface KernelSet {
  readonly patches: readonly ProviderPatch[] | null
  readonly effectiveKernel: string | null
}

const readKernelSet = async (
  host: ProviderHost,
  text: RunText,
  info: KcareInfo | null,
  troubles: Trouble[],
): Promise<KernelSet> => {
  const file = await host.readText(EFFECTIVE, { bytesMax: 4096 })
  let effectiveKernel = file.ok ? effectiveVersion(file.value) : null
  let cves: readonly string[] | null = await readCves(host, KERNEL_CVES, troubles)
  if (cves === null && info?.patched) {
    const listed = parsePatchInfo((await text('--patch-info')) ?? '')
    cves = listed?.cves ?? null
    effectiveKernel ??= listed?.effectiveKernel ?? null
  }
  effectiveKernel ??= effectiveVersion((await text('--uname')) ?? '')
  if (info?.patched) {
    effectiveKernel ??= info.set?.effectiveKernel ?? null
    return { effectiveKernel, patches: [kernelPatch(info, cves ?? [])] }
  }
  if (info?.patched === false) return { effectiveKernel, patches: [] }
  // The tool does not say, but its list of what is fixed is the kernel's own.
  return { effectiveKernel, patches: cves?.length ? [setPatch('kcare', 'KernelCare patch set', cves)] : null }
}

const readCves = async (host: ProviderHost, path: string, troubles: Trouble[]): Promise<string[] | null> => {
  const file = await host.readText(path)
  if (!file.ok) {
    if (file.errno !== 'ENOENT') troubles.push(trouble(path, null, `It could not be read: ${file.errno}.`))
    return null
  }
  const cves = cveIds(file.value)
  if (cves.length > CVES_MAX) troubles.push(trouble(path, null, `It names ${cves.length} CVEs; ${CVES_MAX} are kept.`))
  return cves.slice(0, CVES_MAX)
}

const setPatch = (id: string, name: string, cves: readonly string[]): ProviderPatch => ({
  ...{ id, name, version: null, target: 'kernel', state: 'applied', stateText: null, cves: [...cves] },
  ...{ livepatch: null, atNextBoot: null, protects: true, withdrawn: false },
})

const idOf = ({ level, type }: { level: string; type: string | null }) => (type === null ? level : `${level}-${type}`)

const kernelPatch = (info: Extract<KcareInfo, { patched: true }>, cves: readonly string[]): ProviderPatch => {
  const { set, stateText } = info
  const patch =
    set === null
      ? setPatch('kcare', 'KernelCare patch set', cves)
      : setPatch(idOf(set), `KernelCare level ${set.level}${set.type === null ? '' : `, ${set.type}`}`, cves)
  const state = stateText === 'patch is applied' ? 'applied' : 'unknown'
  return { ...patch, version: set?.level ?? null, state, stateText: stateText.slice(0, 64) }
}

const userPatches = (cves: readonly string[] | null): ProviderPatch[] =>
  cves?.length ? [{ ...setPatch('libcare', 'LibCare patches of running programs', cves), target: 'user_space' }] : []

const coverageOf = (vendor: VendorAnswer | null, info: KcareInfo | null): Coverage => {
  if (vendor?.status === 'unsupported' || (info?.patched === false && info.kernel === 'unknown')) return 'unsupported'
  return vendor?.status === 'newest' || vendor?.status === 'behind' ? 'supported' : 'unknown'
}

const sentence = (info: KcareInfo | null, patches: readonly ProviderPatch[] | null): string => {
  const [patch] = patches ?? []
  if (patch !== undefined) return `${patch.name.slice(0, 64)} is in the kernel.`
  if (info?.patched === false)
    return info.kernel === 'unknown' ? 'KernelCare has no patches for this kernel.' : 'KernelCare has no patch set in.'
  return 'KernelCare is here; what it has in the kernel could not be read.'
}
