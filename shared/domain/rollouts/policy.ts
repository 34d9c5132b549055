import type { Gate, MaintenanceWindow, RolloutPlan } from '../../contract/rollout-plan.ts'
import type { PolicyBreach, RolloutPolicy } from '../../contract/rollout-policy.ts'
import { counted, cut } from '../sentence.ts'
import { spanText } from './rollout-clock.ts'
import { gatesOf } from './rollout-state.ts'

/** @param text what is so, and behind a colon what to write */
type Breach = (field: string, text: string) => void
type Rule = (
  plan: RolloutPlan,
  requires: RolloutPolicy['requires'],
  waveHosts: readonly number[],
  breach: Breach,
) => void

/**
 * What a plan lacks of a policy; empty: it holds.
 * @param waveHosts how many hosts go in each wave
 */
export const policyBreaches = (
  policy: RolloutPolicy,
  plan: RolloutPlan,
  waveHosts: readonly number[],
): PolicyBreach[] => {
  const breaches: PolicyBreach[] = []
  const breach: Breach = (field, text) => {
    breaches.push({ policy: policy.name, field, sentence: cut(`Policy ${policy.name}, ${field}: ${text}`, 1000) })
  }
  for (const rule of RULES) rule(plan, policy.requires, waveHosts, breach)
  return breaches
}

const firstWave: Rule = (_plan, { firstWaveAtMost }, waveHosts, breach) => {
  const first = waveHosts.findIndex((hosts) => hosts > 0)
  const hosts = waveHosts[first]
  if (firstWaveAtMost === undefined || hosts === undefined) return
  const total = waveHosts.reduce((sum, count) => sum + count, 0)
  // As plan-waves.ts rounds, so that the same share passes.
  const share = Math.ceil((total * (firstWaveAtMost.percent ?? 100)) / 100 - 1e-9)
  const most = Math.max(1, Math.min(firstWaveAtMost.hosts ?? total, share))
  if (hosts <= most) return
  breach(
    `waves[${first}].share`,
    `${hosts} of ${counted(total, 'host')} go first, and at most ${most} may: write {kind: count, hosts: ${most}}.`,
  )
}

const soak: Rule = ({ waves }, { soakSecondsAtLeast: least }, _hosts, breach) => {
  if (least === undefined) return
  for (const [index, { name, soakSeconds }] of waves.entries()) {
    if (soakSeconds >= least) continue
    const soaks = soakSeconds === 0 ? 'does not soak' : `soaks for ${spanText(soakSeconds * 1000)}`
    breach(`waves[${index}].soakSeconds`, `${name} ${soaks}: write at least ${least}.`)
  }
}

/** Where the gates of a wave are written. */
const gatesField = (plan: RolloutPlan, wave: number): string =>
  plan.waves[wave]?.gates === undefined ? 'gates' : `waves[${wave}].gates`

/** Gates of the plan are said once, those of waves each. */
const eachGates = (plan: RolloutPlan, look: (gates: readonly Gate[], field: string) => void): void => {
  const seen = new Set<string>()
  for (const index of plan.waves.keys()) {
    const field = gatesField(plan, index)
    if (!seen.has(field)) look(gatesOf(plan, index), field)
    seen.add(field)
  }
}

const gateKinds: Rule = (plan, { gates: kinds }, _hosts, breach) => {
  if (kinds === undefined) return
  eachGates(plan, (gates, field) => {
    const missing = kinds.filter((kind) => !gates.some((gate) => gate.kind === kind))
    if (missing.length > 0) breach(field, `${counted(missing.length, 'gate')} lacking: add ${missing.join(', ')}.`)
  })
}

const approvals: Rule = (plan, { approvals: least }, _hosts, breach) => {
  if (least === undefined) return
  eachGates(plan, (gates, field) => {
    if (gates.some((gate) => gate.kind === 'approval' && gate.people >= least)) return
    breach(field, `no gate asks for so many people: add {kind: approval, people: ${least}}.`)
  })
}

const limits: Rule = ({ limits: { atOnce, domains } }, requires, _hosts, breach) => {
  const most = requires.atOnceAtMost
  if (most !== undefined && (atOnce === null || atOnce > most)) {
    const now =
      atOnce === null ? 'hosts in change at one time are not limited' : `${atOnce} hosts may be in change at one time`
    breach('limits.atOnce', `${now}: write at most ${most}.`)
  }
  for (const { label, atMost } of requires.domains ?? []) {
    const own = domains.find((domain) => domain.label === label)
    if (own !== undefined && own.atMost <= atMost) continue
    const now =
      own === undefined
        ? `nothing limits hosts of one ${label}`
        : `${own.atMost} hosts of one ${label} may be in change`
    breach('limits.domains', `${now}: write {label: ${label}, atMost: ${atMost}}.`)
  }
}

const budget: Rule = ({ budget: { failures } }, { budgetFailuresAtMost: most }, _hosts, breach) => {
  if (most !== undefined && failures > most) breach('budget.failures', `${failures} may fail: write at most ${most}.`)
}

const stalls: Rule = ({ stalls: { policy } }, { stallPolicies: allowed }, _hosts, breach) => {
  if (allowed === undefined || allowed.includes(policy)) return
  breach('stalls.policy', `“${policy}” is not allowed: write ${allowed.join(' or ')}.`)
}

const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
const DAY = 24 * 60
const WEEK = 7 * DAY
const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))

/** Its minutes of a week from Monday, by clocks there; one that ends on the next Monday goes on at the week's beginning. */
const minutesOfWindow = ({ days, from, to }: MaintenanceWindow): Set<number> => {
  const begins = minutesOf(from)
  const ends = minutesOf(to) > begins ? minutesOf(to) : minutesOf(to) + DAY
  const minutes = new Set<number>()
  for (const day of days) {
    const start = DAYS.indexOf(day) * DAY
    for (let minute = begins; minute < ends; minute += 1) minutes.add((start + minute) % WEEK)
  }
  return minutes
}

const dayName = (day: string): string => `${day.charAt(0).toUpperCase()}${day.slice(1)}`

/** `Monday to Thursday`, `Monday, Friday`. */
const daysText = (days: MaintenanceWindow['days']): string => {
  const places = [...new Set(days)].map((day) => DAYS.indexOf(day)).sort((a, b) => a - b)
  const names = places.map((place) => dayName(DAYS[place] ?? ''))
  const isRow =
    places.length > 2 && places.every((place, index) => index === 0 || place === (places[index - 1] ?? 0) + 1)
  return isRow ? `${names[0]} to ${names.at(-1)}` : names.join(', ')
}

/** `Monday to Thursday, 20:00 to 06:00, Europe/Berlin`. */
export const windowText = ({ timeZone, days, from, to }: MaintenanceWindow): string =>
  `${daysText(days)}, ${from} to ${to}, ${timeZone}`

const windows: Rule = ({ windows: own }, { windows: allowed }, _hosts, breach) => {
  if (allowed === undefined) return
  const written = allowed.map(windowText).join('; ')
  if (own.length === 0) breach('windows', `hosts may begin at any time: write windows within ${written}.`)
  for (const [index, window] of own.entries()) {
    const open = new Set(
      allowed.filter(({ timeZone }) => timeZone === window.timeZone).flatMap((one) => [...minutesOfWindow(one)]),
    )
    if ([...minutesOfWindow(window)].every((minute) => open.has(minute))) continue
    breach(`windows[${index}]`, `${windowText(window)} reaches beyond: write one within ${written}.`)
  }
}

const RULES: readonly Rule[] = [firstWave, soak, gateKinds, approvals, limits, windows, budget, stalls]
