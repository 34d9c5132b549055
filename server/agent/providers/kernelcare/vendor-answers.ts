import type { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import type { AccessState } from '@rebootless/shared/domain/words.ts'
import type { ProviderHost } from '../provider.ts'
import { runTrouble } from '../tool-text.ts'
import { redactLicense } from './kcare-texts.ts'

type Trouble = ProviderReport['troubles'][number]

/** What the vendor's server answered, through the tool. */
export interface VendorAnswer {
  readonly atMs: number
  /** The set that was in then: what is newer is newer than that. */
  readonly loaded: string | null
  /** null: the tool did not come to an answer. */
  readonly status: 'newest' | 'nothing_applied' | 'behind' | 'unsupported' | null
  readonly access: AccessState
  readonly accessDetail: string | null
  readonly troubles: readonly Trouble[]
}

/** `kcarectl --status` answers by its exit code (TuxCare's documentation, "kcarectl"). */
const STATUSES = ['newest', 'nothing_applied', 'behind', 'unsupported'] as const

/** The pace at which KernelCare itself looks for patches (TuxCare's documentation, "Installation"). */
export const ASK_AGAIN_MS = 4 * 60 * 60 * 1000
/** After a change of what is loaded, which makes the last answer worthless; a set that comes and goes asks no faster. */
const ASK_CHANGED_MS = 10 * 60 * 1000
const HOSTS_MAX = 16_384

/** The last answer of each host, by its boot: one for an agent, many where hosts are simulated. */
export type VendorAnswers = Map<string, VendorAnswer>

/**
 * Only the vendor's server knows whether there is something newer, and whether it supports the kernel: `--status`, and
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
  const result = await host.run(tool, ['--status'], { timeMs: 20_000 })
  const status = (result.ok && result.exitCode !== null ? STATUSES[result.exitCode] : undefined) ?? null
  const troubles: Trouble[] = []
  const wrong = runTrouble(`${tool} --status`, result)
  if (status === null && wrong !== null) troubles.push(wrong)
  return { status, ...(await readLicense(host, tool)), troubles }
}

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
