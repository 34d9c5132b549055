import type { RawFile } from '@rebootless/shared/contract/kernel.ts'
import type { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import { absentProvider, providerReport } from '@rebootless/shared/domain/provider-report.ts'
import type { Clock } from '../clock.ts'
import { boundReport } from './bound-report.ts'
import type { Provider, ProviderHost } from './provider.ts'
import { createProviderHost, type ProviderHostOptions } from './provider-host.ts'
import { watchedState } from './watched-files.ts'

export interface ReadOptions extends Pick<ProviderHostOptions, 'fs' | 'programs' | 'facts' | 'remembered'> {
  readonly clock: Clock
  /** Gives up when it is aborted; what is answered then means nothing. */
  readonly signal?: AbortSignal
}

export interface ProviderReading {
  /** null: this system is not on the host. */
  readonly report: ProviderReport | null
  /** To be compared every few seconds. */
  readonly watches: readonly string[]
  /** `watchedState` of them just before the reading. */
  readonly state: string
  readonly raw: readonly RawFile[]
}

/** For all that a provider does of one kind: a tool that hangs costs its own time limit, a provider not much more. */
const DETECT_MS_MAX = 10_000
const READ_MS_MAX = 60_000
const WATCHES_MAX = 16

/**
 * One reading by one provider. Never rejects and always ends: what the provider throws, takes too long for, or says
 * against the contract is a trouble of its report.
 */
export const runProvider = async (provider: Provider, options: ReadOptions): Promise<ProviderReading> => {
  const { name, title } = provider
  const opened = (timeMs: number) => within(options, name, timeMs)
  const detected = await opened(DETECT_MS_MAX)((host) => provider.detect(host))
  if (!detected.ok) {
    const report = absentProvider(name, `Whether ${title} is on this host could not be told.`)
    return { report: boundReport({ ...report, troubles: [detected.trouble] }), ...UNWATCHED, raw: detected.raw }
  }
  if (!detected.value) return { report: null, ...UNWATCHED, raw: [] }
  const found = await opened(READ_MS_MAX)(async (host) => {
    const watches = provider.watches(host).slice(0, WATCHES_MAX)
    const state = await watchedState(options.fs, watches)
    return { watches, state, findings: await provider.read(host) }
  })
  if (found.ok) {
    const report = boundReport(providerReport(name, found.value.findings))
    return { report, watches: found.value.watches, state: found.value.state, raw: found.raw }
  }
  const report = providerReport(name, { detail: `${title} is on this host, and could not be read.` })
  return { report: boundReport({ ...report, troubles: [found.trouble] }), ...UNWATCHED, raw: found.raw }
}

const UNWATCHED = { watches: [], state: '' } as const

type Outcome<T> =
  | { readonly ok: true; readonly value: T; readonly raw: readonly RawFile[] }
  | { readonly ok: false; readonly trouble: ProviderReport['troubles'][number]; readonly raw: readonly RawFile[] }

/** Gives work a host for so long; afterwards that host answers nothing more, whatever still goes on. */
export const within =
  (options: ReadOptions, keptFor: string, timeMs: number) =>
  async <T>(work: (host: ProviderHost) => Promise<T>): Promise<Outcome<T>> => {
    const { clock, signal, ...rest } = options
    const over = new AbortController()
    const giveUp = () => over.abort()
    signal?.addEventListener('abort', giveUp)
    if (signal?.aborted) giveUp()
    const { host, kept } = createProviderHost({ ...rest, keptFor, now: clock.now, signal: over.signal })
    const failed = (text: string): Outcome<T> => ({
      ...{ ok: false, raw: kept() },
      trouble: { source: keptFor, code: null, text },
    })
    const worked = async (): Promise<Outcome<T>> => {
      try {
        return { ok: true, value: await work(host), raw: kept() }
      } catch (error) {
        return failed(`The provider failed: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    const overdue = async (): Promise<Outcome<T>> => {
      await clock.sleep(timeMs, over.signal)
      return failed(`It took longer than ${timeMs / 1_000} s.`)
    }
    try {
      return await Promise.race([worked(), overdue()])
    } finally {
      signal?.removeEventListener('abort', giveUp)
      over.abort()
    }
  }
