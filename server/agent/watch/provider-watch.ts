import type { RawFile } from '@rebootless/shared/contract/kernel.ts'
import type { DistributionFacts, ProviderReport } from '@rebootless/shared/contract/provider.ts'
import type { Clock } from '../clock.ts'
import { readOperatingSystem, readUname } from '../kernel/identity.ts'
import type { KernelFs } from '../kernel/kernel-fs.ts'
import { startReading } from '../kernel/reading.ts'
import type { HostPrograms } from '../programs/programs.ts'
import type { PatchesReading } from '../providers/host-reading.ts'
import type { Provider, ProviderHost } from '../providers/provider.ts'
import type { ProviderAccount } from '../providers/provider-account.ts'
import type { HostFacts } from '../providers/provider-host.ts'
import { createRememberedRuns } from '../providers/remembered-runs.ts'
import { type ReadOptions, runProvider, within } from '../providers/run-provider.ts'
import { steadyReport } from '../providers/snapshot-hash.ts'
import { watchedState } from '../providers/watched-files.ts'

export interface ProviderWatchOptions {
  readonly fs: KernelFs
  readonly clock: Clock
  readonly architecture: string
  readonly programs: HostPrograms
  readonly providers: readonly Provider[]
  readonly readDistribution: (host: ProviderHost) => Promise<DistributionFacts>
}

/** Follows the tools of one host. Not to be entered twice at once. */
export interface ProviderWatch {
  /** All is to be read again, as soon as that is fair. */
  outdate(): void
  /** Reads what is due, given the last look at sysfs; true when the account is another one by that. */
  refresh(patches: PatchesReading, signal: AbortSignal): Promise<boolean>
  /** As far as it has been read in this boot. */
  account(): ProviderAccount
  /** Whether everything has been looked at once in this boot. */
  isComplete(): boolean
}

/** Nothing on a host tells that a tool knows more than before without a file of its own having changed. */
const READ_EVERY_MS = 10 * 60_000
/** What went wrong may soon be over, or last: after this, and after twice as long each further time. */
const RETRY_MS = 60_000
/** Whether a system that was not there has been installed. */
const DETECT_EVERY_MS = 60_000
/** Looks come more often while a transition runs. */
const COMPARE_EVERY_MS = 2_000
/** A host on which something changes all the time is not to be kept busy by being watched. */
const REST_MS_MIN = 2_000
const READING_SHARE_MAX = 0.1
/** But what a slow tool said before the kernel has changed is not to stand for minutes. */
const REST_MS_MAX_WHEN_OUTDATED = 60_000

const DISTRIBUTION = 'distribution'
const DISTRIBUTION_MS_MAX = 60_000
/** New kernels, and the files by which Debian's family and SUSE ask for a reboot. */
const DISTRIBUTION_WATCHES = ['/lib/modules', '/run/reboot-required', '/run/reboot-required.pkgs', '/run/reboot-needed']

/** One provider, or the distribution. */
interface Source {
  readonly read: (options: ReadOptions) => Promise<Reading>
  reading: Reading | null
  /** Something has changed that its reading may hang on. */
  outdated: boolean
  /** Readings in a row that did not tell all. */
  failures: number
  startedAtMs: number
  endedAtMs: number
  comparedAtMs: number
}

interface Reading {
  readonly report: ProviderReport | null
  readonly distribution?: DistributionFacts
  readonly errno?: string
  readonly watches: readonly string[]
  readonly state: string
  readonly raw: readonly RawFile[]
}

const restMs = (tookMs: number, outdated: boolean): number => {
  const fair = Math.max(REST_MS_MIN, tookMs / READING_SHARE_MAX)
  return outdated ? Math.min(REST_MS_MAX_WHEN_OUTDATED, fair) : fair
}

const pauseMs = ({ failures }: Source, { report, distribution }: Reading): number => {
  if (report === null && distribution === undefined) return DETECT_EVERY_MS
  return failures === 0 ? READ_EVERY_MS : Math.min(READ_EVERY_MS, RETRY_MS * 2 ** (failures - 1))
}

/** A report with troubles is of a tool that failed, or was understood in part. */
const isWhole = ({ report, errno }: Reading): boolean => errno === undefined && (report?.troubles.length ?? 0) === 0

export const createProviderWatch = (options: ProviderWatchOptions): ProviderWatch => {
  const { fs, clock, programs } = options
  const monotonicMs = () => clock.monotonicMicroseconds() / 1_000
  let bootId: string | null = null
  let seen = ''
  let sources: Source[] = []
  let told = ''
  let remembered = createRememberedRuns()

  const begin = (): Source[] =>
    [
      ...options.providers.map((provider) => (given: ReadOptions) => runProvider(provider, given)),
      (given: ReadOptions) => distributionReading(options.readDistribution, given),
    ].map((read) => ({
      ...{ read, reading: null, outdated: false, failures: 0 },
      ...{ startedAtMs: 0, endedAtMs: 0, comparedAtMs: Number.NEGATIVE_INFINITY },
    }))

  const isDue = async (source: Source): Promise<boolean> => {
    const { reading } = source
    if (reading === null) return true
    const nowMs = monotonicMs()
    const tookMs = source.endedAtMs - source.startedAtMs
    if (nowMs - source.endedAtMs < restMs(tookMs, source.outdated)) return false
    if (source.outdated || nowMs - source.startedAtMs >= pauseMs(source, reading)) return true
    if (reading.watches.length === 0 || nowMs - source.comparedAtMs < COMPARE_EVERY_MS) return false
    source.comparedAtMs = nowMs
    return (await watchedState(fs, reading.watches)) !== reading.state
  }

  const account = (): ProviderAccount => {
    const readings = sources.flatMap(({ reading }) => reading ?? [])
    return {
      reports: readings.flatMap(({ report }) => report ?? []),
      distribution: readings.find(({ distribution }) => distribution !== undefined)?.distribution ?? null,
      unreadable: readings.flatMap(({ errno }) =>
        errno ? [{ path: DISTRIBUTION, errno, consequence: CONSEQUENCE }] : [],
      ),
      raw: readings.flatMap(({ raw }) => raw),
    }
  }

  return {
    account,
    outdate() {
      for (const source of sources) source.outdated = true
    },
    isComplete: () => sources.length > 0 && sources.every(({ reading }) => reading !== null),
    async refresh(patches, signal) {
      if (sources.length === 0 || patches.bootId !== bootId) {
        bootId = patches.bootId
        sources = begin()
        remembered = createRememberedRuns()
        told = ''
      }
      const looksLike = kernelState(patches)
      for (const source of sources) source.outdated ||= looksLike !== seen
      seen = looksLike
      let facts: HostFacts | null = null
      for (const source of sources) {
        if (signal.aborted) return false
        if (!(await isDue(source))) continue
        facts ??= await hostFacts(fs, options.architecture, patches)
        source.outdated = false
        source.startedAtMs = monotonicMs()
        const reading = await source.read({ fs, programs, clock, facts, signal, remembered })
        // What was cut short says nothing.
        if (signal.aborted) return false
        source.failures = isWhole(reading) ? 0 : source.failures + 1
        source.reading = withSince(reading, source.reading, clock.now())
        source.endedAtMs = source.comparedAtMs = monotonicMs()
      }
      if (facts === null) return false
      const before = told
      told = accountKey(account())
      return told !== before
    },
  }
}

/** A tool that says the same as before has said so since then. */
const withSince = (reading: Reading, before: Reading | null, nowMs: number): Reading => {
  if (reading.report === null) return reading
  const says = (report: ProviderReport | null | undefined) =>
    report && JSON.stringify({ ...steadyReport(report), checkedAt: null })
  const since = says(before?.report) === says(reading.report) ? before?.report?.since : null
  return { ...reading, report: { ...reading.report, since: since ?? new Date(nowMs).toISOString() } }
}

const distributionReading = async (
  read: ProviderWatchOptions['readDistribution'],
  given: ReadOptions,
): Promise<Reading> => {
  const state = await watchedState(given.fs, DISTRIBUTION_WATCHES)
  const found = await within(given, DISTRIBUTION, DISTRIBUTION_MS_MAX)(read)
  const rest = { report: null, watches: DISTRIBUTION_WATCHES, state, raw: found.raw }
  return found.ok
    ? { ...rest, distribution: found.value }
    : { ...rest, distribution: UNKNOWN_DISTRIBUTION, errno: 'EIO' }
}

const CONSEQUENCE = 'which kernels and livepatch packages are installed is not known'

const UNKNOWN_DISTRIBUTION: DistributionFacts = {
  ...{ installedKernels: null, newestInstalled: null, newestKnown: null },
  ...{ rebootRequired: null, rebootPackages: [], livepatchPackages: null, offer: null },
}

const hostFacts = async (fs: KernelFs, architecture: string, patches: PatchesReading): Promise<HostFacts> => {
  const { release, version } = await readUname(startReading(fs))
  return {
    kernel: { release, version, architecture, bootId: patches.bootId },
    operatingSystem: await readOperatingSystem(startReading(fs)),
    livepatches: patches.livepatches,
    modules: patches.modules,
  }
}

/** What every tool's account may hang on. Whatever patches a kernel is a module that taints it. */
const kernelState = ({ livepatches, modules }: PatchesReading): string =>
  JSON.stringify([livepatches, modules?.flatMap(({ name, taint }) => (taint === '' ? [] : [name]))])

const accountKey = ({ reports, distribution, unreadable }: ProviderAccount): string =>
  JSON.stringify([reports.map(steadyReport), distribution, unreadable])
