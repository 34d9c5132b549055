import type { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import type { ProviderHost } from '../provider.ts'
import { trouble } from '../tool-text.ts'
import { NO_ACCESS_KEY, redactUptrackConfig, redactUptrackFile } from './redact-uptrack.ts'
import { CACHE, findDirectory } from './uptrack-directory.ts'
import {
  type EffectiveKernelFile,
  type KernelIdentity,
  type PlanFile,
  parseEffectiveKernel,
  parsePlan,
  parseResults,
  parseStatus,
  type ResultsFile,
  type StatusFile,
} from './uptrack-files.ts'
import { YamlError } from './yaml-cursor.ts'

export const CONFIG = '/etc/uptrack/uptrack.conf'
export const DISABLE = '/etc/uptrack/disable'
export const EFFECTIVE_KERNEL = '/var/lib/uptrack/effective_kernel'
const BYTES_MAX = 1024 * 1024

type Trouble = ProviderReport['troubles'][number]

/** What Uptrack keeps on disk of the running kernel; null: it is not there, or could not be read. */
export interface UptrackFiles {
  readonly effective: EffectiveKernelFile | null
  readonly status: StatusFile | null
  readonly upgradePlan: PlanFile | null
  readonly initPlan: PlanFile | null
  readonly results: ResultsFile | null
}

export const readUptrackFiles = async (host: ProviderHost, troubles: Trouble[]): Promise<UptrackFiles> => {
  const read = async <Shape>(path: string, parse: (text: string) => Shape | null): Promise<Shape | null> => {
    const file = await host.readText(path, { redact: redactUptrackFile, bytesMax: BYTES_MAX })
    if (!file.ok) {
      if (file.errno !== 'ENOENT') troubles.push(trouble(path, null, `It could not be read: ${file.errno}.`))
      return null
    }
    try {
      const shape = parse(file.value)
      if (shape === null) troubles.push(trouble(path, null, 'It is not as Uptrack writes it.'))
      return shape
    } catch (error) {
      if (!(error instanceof YamlError)) throw error
      troubles.push(trouble(path, null, `It is not as Uptrack writes it. ${error.message}`))
      return null
    }
  }
  const effective = await read(EFFECTIVE_KERNEL, parseEffectiveKernel)
  const directory = await findDirectory(host)
  if (directory === null) return { effective, status: null, upgradePlan: null, initPlan: null, results: null }
  const status = await read(`${directory}/status`, parseStatus)
  if (status?.kernel && !isRunning(host, status.kernel)) {
    troubles.push(trouble(CACHE, null, 'What Uptrack keeps is of another kernel than the one that runs.'))
    return { effective, status: null, upgradePlan: null, initPlan: null, results: null }
  }
  return {
    effective,
    status,
    upgradePlan: await read(`${directory}/upgrade_plan`, parsePlan),
    initPlan: await read(`${directory}/init_plan`, parsePlan),
    results: await read(`${directory}/results`, parseResults),
  }
}

export const isRunning = ({ kernel }: ProviderHost, { release, version }: KernelIdentity): boolean =>
  release === kernel.release && version === kernel.version

export interface UptrackConfig {
  /** A file or the kernel's command line switches it off; null: it is not. */
  readonly disabledBy: string | null
  readonly hasAccessKey: boolean | null
  /** On, unless it is switched off (uptrack 2011, setTask). */
  readonly installsAtBoot: boolean
  readonly settings: ProviderReport['settings']
}

export const readUptrackConfig = async (host: ProviderHost): Promise<UptrackConfig> => {
  const file = await host.readText(CONFIG, { redact: redactUptrackConfig })
  const settings = new Map<string, string>()
  let section = ''
  for (const line of file.ok ? file.value.split('\n') : []) {
    const [, title] = /^\[([\w-]+)\]/.exec(line) ?? []
    const [, name, value = ''] = /^(\w+) = (.*)$/.exec(line) ?? []
    if (title !== undefined) section = title
    if (name !== undefined) settings.set(name === 'enabled' ? `${section} ${name}` : name.toLowerCase(), value)
  }
  const key = settings.get('accesskey')
  const shown = ['autoinstall', 'install_on_reboot', 'upgrade_on_reboot', 'Known-Exploit-Detection enabled']
  const commandLine = await host.readText('/proc/cmdline', { unlisted: true })
  const disabledBy = (await host.exists(DISABLE))
    ? DISABLE
    : commandLine.ok && /(?:^|\s)nouptrack(?:\s|$)/.test(commandLine.value)
      ? 'nouptrack on the kernel command line'
      : null
  return {
    disabledBy,
    hasAccessKey: key === undefined ? null : !NO_ACCESS_KEY.has(key),
    installsAtBoot: disabledBy === null && !/^(?:no|off|false|0)$/i.test(settings.get('install_on_reboot') ?? 'yes'),
    settings: shown.flatMap((name) => {
      const value = settings.get(name)
      return value === undefined ? [] : [{ name, value }]
    }),
  }
}
