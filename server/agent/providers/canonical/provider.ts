import type { ProviderPatch, ProviderReport, ProviderStep } from '@rebootless/shared/contract/provider.ts'
import type { ProviderFindings } from '@rebootless/shared/domain/provider-report.ts'
import { PROVIDER_TITLES } from '@rebootless/shared/domain/provider-titles.ts'
import type { AccessState, ProviderPatchState } from '@rebootless/shared/domain/words.ts'
import type { ProgramResult } from '../../programs/programs.ts'
import type { Provider, ProviderHost } from '../provider.ts'
import { firstProgram, runTrouble, trouble } from '../tool-text.ts'
import {
  type KernelStatus,
  type LivepatchStatus,
  moduleOf,
  noticeOf,
  parseStatus,
  redactStatus,
} from './livepatch-status.ts'
import { type ProReboot, parseProReboot, REBOOT_ENDPOINT } from './pro-reboot.ts'

type Trouble = ProviderReport['troubles'][number]

const CLIENT = '/snap/bin/canonical-livepatch'
const PRO = ['/usr/bin/pro', '/usr/bin/ua'] as const
/** Never `--show-secrets`: it prints the machine's tokens. */
const STATUS = ['status', '--format', 'json'] as const
const CVES_MAX = 256

/** Canonical Livepatch. `status` asks the daemon on this host, which alone speaks with Canonical. */
export const canonicalProvider: Provider = {
  name: 'canonical',
  title: PROVIDER_TITLES.canonical,
  detect: (host) => host.exists(CLIENT),
  // The folder's entries only: the token that comes and goes with the subscription is not read.
  watches: () => ['/var/snap/canonical-livepatch/common', '/run/reboot-required', '/run/reboot-required.pkgs'],
  read: async (host) => {
    const troubles: Trouble[] = []
    const printed = await host.run(CLIENT, STATUS, { redact: redactStatus })
    const answer = readStatus(printed, troubles)
    const pro = await readPro(host, troubles)
    return { ...(answer.status === null ? withoutStatus(answer) : withStatus(host, answer.status, pro)), troubles }
  },
}

interface Answer {
  /** null: for the reason `why`. */
  readonly status: LivepatchStatus | null
  readonly why: 'not_enabled' | 'not_eligible' | 'unknown'
}

const readStatus = (result: ProgramResult, troubles: Trouble[]): Answer => {
  const commandLine = [CLIENT, ...STATUS].join(' ')
  const status = result.ok && result.exitCode === 0 ? parseStatus(result.stdout) : null
  const wrong = runTrouble(commandLine, result)
  if (wrong !== null) troubles.push(wrong)
  else if (status === null) troubles.push(trouble(commandLine, 0, 'It printed no status.'))
  else if (status.kernel === null) troubles.push(trouble(commandLine, 0, 'It has nothing on the running kernel.'))
  return { status, why: whyNot(result) }
}

/** ubuntu-pro-client, features/livepatch.feature; the second is what clients before 10 said of any command. */
const whyNot = ({ stdout, stderr }: ProgramResult): Answer['why'] => {
  const said = `${stderr}\n${stdout}`
  if (said.includes('Machine is not enabled')) return 'not_enabled'
  return /kernel ".{0,128}" is not eligible for livepatch updates/.test(said) ? 'not_eligible' : 'unknown'
}

const readPro = async (host: ProviderHost, troubles: Trouble[]): Promise<ProReboot | null> => {
  const pro = await firstProgram(host, PRO)
  if (pro === null) return null
  const result = await host.run(pro, ['api', REBOOT_ENDPOINT])
  const answer = result.ok ? parseProReboot(result.stdout) : null
  const commandLine = `${pro} api ${REBOOT_ENDPOINT}`
  const wrong = runTrouble(commandLine, result)
  if (wrong !== null) troubles.push(wrong)
  else if (answer === null) troubles.push(trouble(commandLine, 0, 'It printed no answer.'))
  return answer
}

const withoutStatus = ({ why }: Answer): ProviderFindings => {
  if (why === 'not_enabled')
    return {
      ...{ detail: 'Canonical Livepatch is installed and not enabled.', active: false, patches: [] },
      ...{ access: 'not_registered', accessDetail: 'The machine is not enabled for Livepatch.' },
    }
  if (why === 'not_eligible')
    return { detail: 'Canonical Livepatch makes no patches for this kernel.', coverage: 'unsupported', patches: [] }
  return { detail: 'Canonical Livepatch is here; its status could not be read.' }
}

const withStatus = (host: ProviderHost, status: LivepatchStatus, pro: ProReboot | null): ProviderFindings => {
  const { kernel } = status
  const common: ProviderFindings = {
    detail: 'Canonical Livepatch is enabled.',
    version: status.clientVersion,
    active: true,
    checkedAt: status.lastCheck,
    settings: status.tier === null ? [] : [{ name: 'tier', value: status.tier }],
    reboot: pro?.reboot ?? 'unknown',
    rebootReason: pro?.reason ?? null,
  }
  if (kernel === null) return common
  const patch = kernelPatch(host, kernel)
  const steps = stepsOf(kernel)
  const needsKernel = pro === null && kernel.coverage === 'upgrade_required'
  return {
    ...common,
    ...accessOf(kernel),
    ...(needsKernel && { reboot: 'yes', rebootReason: 'Livepatch asks for a newer kernel.' }),
    detail: sentence(kernel, patch),
    coverage: kernel.coverage,
    coverageUntil: kernel.upgradeRequiredDate,
    patches: patch === 'unknown' ? null : patch === null ? [] : [patch],
    steps,
    behind: steps === null ? null : steps.length > 0,
    inProgress: kernel.state === null ? null : kernel.state === 'applying',
  }
}

/** `Livepatch: State`: ubuntu-pro-client, uaclient/livepatch.py; Canonical's documents, "Manage a fleet of machines". */
const STATES: Readonly<Record<string, ProviderPatchState>> = {
  ...{ applied: 'applied', applying: 'patching', 'applied-with-bug': 'failed', 'apply-failed': 'failed' },
}
const NO_PATCH = new Set(['unapplied', 'nothing-to-apply', 'kernel-upgrade-required'])

/** null: none is in; `unknown`: the state's word is not known, and no version says that there is one. */
const kernelPatch = (host: ProviderHost, kernel: KernelStatus): ProviderPatch | 'unknown' | null => {
  const { version, state: word } = kernel
  if (word !== null && NO_PATCH.has(word.toLowerCase())) return null
  if (version === null) return 'unknown'
  const state = (word !== null && Object.hasOwn(STATES, word) ? STATES[word] : undefined) ?? 'unknown'
  const loaded = host.livepatches?.map(({ name }) => name) ?? []
  // While it goes in none is marked as patched yet; what it is there to fix is known all the same.
  const cves = state === 'patching' ? kernel.fixes : kernel.fixed
  return {
    ...{ id: version, name: noticeOf(version) ?? `Livepatch ${version}`, version, target: 'kernel' },
    ...{ state, stateText: word, cves: [...cves], livepatch: moduleOf(version, loaded) },
    // The daemon puts it in anew after each boot of a kernel that it supports, but it does not say so.
    ...{ atNextBoot: null, protects: true, withdrawn: false },
  }
}

/** Known once the daemon has asked Canonical and got an answer. */
const stepsOf = ({ state, version, checkState, fixes }: KernelStatus): ProviderStep[] | null => {
  if (state === 'unapplied' && version !== null) {
    const cves = fixes.slice(0, CVES_MAX)
    return [{ action: 'install', id: version, name: noticeOf(version) ?? `Livepatch ${version}`, cves }]
  }
  return checkState === 'checked' && (state === 'applied' || state === 'nothing-to-apply') ? [] : null
}

const accessOf = ({ checkState }: KernelStatus): { access: AccessState; accessDetail: string | null } => {
  if (checkState === 'checked') return { access: 'ok', accessDetail: null }
  if (checkState === 'check-failed') return { access: 'unreachable', accessDetail: 'Its last check failed.' }
  return { access: 'unknown', accessDetail: checkState }
}

const sentence = ({ state }: KernelStatus, patch: ProviderPatch | 'unknown' | null): string => {
  const shown = state?.slice(0, 64) ?? 'no state'
  return patch === null || patch === 'unknown'
    ? `Canonical Livepatch is enabled: ${shown}.`
    : `Canonical Livepatch ${patch.version}: ${shown}.`
}
