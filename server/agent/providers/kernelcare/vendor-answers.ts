import type { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import type { AccessState } from '@rebootless/shared/domain/words.ts'
import type { ProgramResult } from '../../programs/programs.ts'
import type { ProviderHost } from '../provider.ts'
import { refusesArguments, runTrouble, trouble } from '../tool-text.ts'
import { redactLicense } from './kcare-texts.ts'

type Trouble = ProviderReport['troubles'][number]

/** What the vendor's server answered, through the tool. */
export interface VendorAnswer {
  readonly atMs: number
  /** The set that was in then: what is newer is newer than that. */
  readonly loaded: string | null
  /** null: the tool did not come to an answer. */
  readonly status: 'newest' | 'nothing_applied' | 'behind' | 'unsupported' | null
  /** Whether there is a newer set; null: the tool does not say. */
  readonly behind: boolean | null
  readonly access: AccessState
  readonly accessDetail: string | null
  readonly troubles: readonly Trouble[]
}

/** `kcarectl --status` answers by its exit code (TuxCare's documentation, "kcarectl"). */
const STATUSES = ['newest', 'nothing_applied', 'behind', 'unsupported'] as const

/** `kcarectl --check`, against habit: 0 for a newer set, 1 for none (the same; Cpanel::KernelCare, `updates_available`). */
const NEWER_BY_CODE = [true, false] as const
const STATUS_MS_MAX = 20_000
const CHECK_MS_MAX = 10_000

/** The pace at which KernelCare itself looks for patches (TuxCare's documentation, "Installation"). */
export const ASK_AGAIN_MS = 4 * 60 * 60 * 1000
/** After a change of what is loaded, which makes the last answer worthless; a set that comes and goes asks no faster. */
const ASK_CHANGED_MS = 10 * 60 * 1000
const HOSTS_MAX = 16_384

/** The last answer of each host, by its boot: one for an agent, many where hosts are simulated. */
export type VendorAnswers = Map<string, VendorAnswer>

/**
 * Only the vendor's server knows whether there is something newer, and whether it supports the kernel: `--status`, `--check`, and
 * perhaps `--license-info`, dial out. A reading must not do that every ten minutes, so it asks no more often than
 * KernelCare does by itself, and not at all where the host does not (`mayAsk`): then it is not known.
 */
export const askVendor = async (
  host: ProviderHost,
  tool: string,
  { mayAsk, loaded, answers }: { mayAsk: boolean; loaded: string | null; answers: VendorAnswers },
): Promise<VendorAnswer | null> => {
  const { bootId, release } = host.kernel
  if (!mayAsk || bootId === null) return null
  const key = `${bootId} ${release}`
  const last = answers.get(key)
  const pause = last?.loaded === loaded ? ASK_AGAIN_MS : ASK_CHANGED_MS
  const ageMs = host.now() - (last?.atMs ?? Number.NEGATIVE_INFINITY)
  if (last !== undefined && ageMs >= 0 && ageMs < pause) return last.loaded === loaded ? last : null
  const answer = { atMs: host.now(), loaded, ...(await readStatus(host, tool)) }
  if (answers.size >= HOSTS_MAX) answers.clear()
  answers.set(key, answer)
  return answer
}

const readStatus = async (host: ProviderHost, tool: string) => {
  const troubles: Trouble[] = []
  const result = await host.run(tool, ['--status'], { timeMs: STATUS_MS_MAX })
  const status = byCode(result, STATUSES)
  if (status === null) troubles.push(notAnswered(`${tool} --status`, result))
  let behind = status === 'behind' ? true : status === 'newest' ? false : null
  // Whether there is a set for a kernel that has none, or where `--status` gave no answer, `--check` tells; one that hangs is left alone.
  if (result.ok && (status === null || status === 'nothing_applied')) {
    const check = await host.run(tool, ['--check'], { timeMs: CHECK_MS_MAX })
    behind = byCode(check, NEWER_BY_CODE)
    if (behind === null) troubles.push(notAnswered(`${tool} --check`, check))
  }
  return { status, behind, ...(await readLicense(host, tool)), troubles }
}

/** Python, which kcarectl is written in, ends with 1 and with 2 for reasons of its own, and says so on stderr. */
const byCode = <Answer>(result: ProgramResult, answers: readonly Answer[]): Answer | null => {
  if (!result.ok || result.exitCode === null) return null
  const isOwnReason = refusesArguments(result) || result.stderr.includes('Traceback (most recent call last)')
  return isOwnReason ? null : (answers[result.exitCode] ?? null)
}

const notAnswered = (commandLine: string, result: ProgramResult): Trouble =>
  runTrouble(commandLine, result) ?? trouble(commandLine, 0, 'It gave no answer.')

/**
 * The vendor documents no text of it, so that only plain words are understood, and what was said is shown.
 */
const readLicense = async (
  host: ProviderHost,
  tool: string,
): Promise<Pick<VendorAnswer, 'access' | 'accessDetail'>> => {
  const result = await host.run(tool, ['--license-info'], { redact: redactLicense })
  const said = (result.stdout.trim() || result.stderr.trim()).split('\n', 1)[0]?.slice(0, 300) ?? ''
  if (!result.ok || said === '') return { access: 'unknown', accessDetail: null }
  return { access: accessOf(said), accessDetail: said }
}

export const accessOf = (text: string): AccessState => {
  if (/\bexpired\b/i.test(text)) return 'expired'
  if (/\b(?:no valid|invalid|not registered|unregistered|no licen[cs]e)\b/i.test(text)) return 'not_registered'
  return /\bvalid licen[cs]e\b/i.test(text) ? 'ok' : 'unknown'
}
