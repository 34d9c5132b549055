import type { ExposureFacts } from '../../contract/exposure.ts'
import type { ExposureRule } from '../exposure/exposure-words.ts'
import { compareToRunning } from '../kernel-release.ts'
import type { SupportedRule } from './compliance-words.ts'

/** What of a class decides it, as the rules of compliance-words.ts say. */
interface SupportFacts {
  readonly facts: Pick<ExposureFacts, 'release' | 'installedKernels' | 'livepatches'>
  readonly open: readonly { readonly status: string; readonly rule: ExposureRule }[]
}

const LIVEPATCH_RULES: readonly ExposureRule[] = ['livepatch_notice', 'livepatch_tool', 'livepatch_catalogue']

/** Of another series too: the next boot takes the highest. */
const isNewer = (release: string, running: string): boolean | null => {
  const order = compareToRunning(release, running)
  if (order !== 'another') return order === null ? null : order === 'newer'
  const numbers = (text: string) => (text.match(/\d{1,9}/g) ?? []).map(Number)
  const [left, right] = [numbers(release), numbers(running)]
  return (left[0] ?? 0) - (right[0] ?? 0) > 0 || (left[0] === right[0] && (left[1] ?? 0) > (right[1] ?? 0))
}

/** @returns null: what is installed could not be read */
const runsNewest = ({ release, installedKernels }: SupportFacts['facts']): boolean | null => {
  if (installedKernels === null) return null
  const others = installedKernels.filter((one) => one !== release).map((one) => isNewer(one, release))
  if (others.includes(true)) return false
  return others.includes(null) ? null : true
}

/** @returns null: not known */
export const isSupported = (rule: SupportedRule, { facts, open }: SupportFacts): boolean | null => {
  if (rule === 'covers_newer_kernel') {
    return facts.installedKernels === null ? null : !open.some(({ status }) => status === 'fixed_on_disk')
  }
  const livepatched = facts.livepatches.length > 0 && !open.some(({ rule: by }) => LIVEPATCH_RULES.includes(by))
  return livepatched ? true : runsNewest(facts)
}
