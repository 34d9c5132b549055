import type { DryRunAssumption, DryRunRange, DryRunResult, DryRunWait, HostAtRisk } from '../../../contract/dry-run.ts'
import { counted, cut } from '../../sentence.ts'
import { gateName } from '../gates.ts'
import { planWaves } from '../plan-waves.ts'
import { gatesOf, goalOf } from '../rollout-state.ts'
import type { Course } from './course.ts'
import { dryRunSentence } from './dry-run-sentence.ts'
import { type DryRunHost, type DryRunWork, type Risk, STALL_SECONDS } from './dry-run-work.ts'

const AT_RISK_MAX = 200
const OTHERS_MAX = 100
const NAMES_MAX = 5
const WAITS_MAX = 400

/** By nearest rank; of nothing it is 0. */
export const rangeOf = (values: readonly number[]): DryRunRange => {
  const sorted = values.toSorted((one, other) => one - other)
  const at = (share: number) => sorted[Math.round((sorted.length - 1) * share)] ?? 0
  return { p10: at(0.1), p50: at(0.5), p90: at(0.9) }
}

const rangeOfSome = (values: readonly (number | null)[]): DryRunRange | null => {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : rangeOf(known)
}

export interface Told {
  readonly courses: readonly Course[]
  /** What the simulated machines that are like a host say of it; null: nothing. */
  readonly simulatedRisk: (host: DryRunHost) => string | null
  readonly method: readonly string[]
  readonly assumptions: readonly DryRunAssumption[]
}

/** All runs of a dry run, as people read them. */
export const dryRunReport = (work: DryRunWork, told: Told): DryRunResult => {
  const { courses } = told
  const { plan } = work
  const planned = planWaves(plan, work.hosts, work.id)
  const waveOf = new Map(planned.waves.flatMap(({ hosts }, wave) => hosts.map(({ id }) => [id, wave] as const)))
  const isThere = ({ effect }: DryRunHost) => effect === goalOf(plan)
  const stalledIn = (course: Course, id: string) => (course.stalled.get(id) ?? 0) >= STALL_SECONDS
  const countStalls = (course: Course, wave?: number) =>
    [...course.stalled].filter(
      ([id, seconds]) => seconds >= STALL_SECONDS && (wave === undefined || waveOf.get(id) === wave),
    ).length
  const atRisk = work.hosts
    .flatMap((host): HostAtRisk[] => {
      const wave = waveOf.get(host.id)
      if (wave === undefined || isThere(host)) return []
      const stalledRuns = courses.filter((course) => stalledIn(course, host.id)).length
      const failed = courses.flatMap((course) => course.failed.get(host.id) ?? [])
      const reasons = risksOf(host, stalledRuns > 0 ? told.simulatedRisk(host) : null, failed[0])
      if (reasons.length === 0 && failed.length === 0) return []
      return [{ host: { id: host.id, name: host.name }, wave, stalledRuns, failedRuns: failed.length, reasons }]
    })
    .sort(
      (one, other) =>
        other.stalledRuns + other.failedRuns - (one.stalledRuns + one.failedRuns) ||
        (one.host.name < other.host.name ? -1 : 1),
    )
  const ended = courses.filter(({ phase }) => phase === 'done' || phase.startsWith('reversed'))
  const result = {
    ...{ id: work.id, seed: work.seed, runs: courses.length, beginsAt: work.beginsAt },
    hosts: {
      going: waveOf.size,
      there: work.hosts.filter((host) => waveOf.has(host.id) && isThere(host)).length,
      others: planned.others.length,
    },
    duration: ended.length === 0 ? null : rangeOf(ended.map(({ seconds }) => seconds)),
    ends: endsOf(courses),
    waves: planned.waves.map(({ name, hosts }, wave) => ({
      ...{ name, hosts: hosts.length },
      begins: rangeOfSome(courses.map(({ waves }) => waves[wave]?.begins ?? null)),
      ends: rangeOfSome(courses.map(({ waves }) => waves[wave]?.ends ?? null)),
      stalls: rangeOf(courses.map((course) => countStalls(course, wave))),
    })),
    stalls: rangeOf(courses.map((course) => countStalls(course))),
    failures: rangeOf(courses.map(({ failed }) => failed.size)),
    asks: rangeOf(courses.map(({ asked }) => asked.filter(({ kind }) => kind !== 'approval').length)),
    ...{ atRisk: atRisk.slice(0, AT_RISK_MAX), atRiskTotal: atRisk.length },
    waits: waitsOf(work, courses).slice(0, WAITS_MAX),
    others: othersOf(planned.others),
    ...{ method: [...told.method], assumptions: [...told.assumptions] },
  }
  return { ...result, sentence: dryRunSentence(result) }
}

const endsOf = (courses: readonly Course[]): DryRunResult['ends'] => {
  const ends = new Map<string, DryRunResult['ends'][number]>()
  for (const { phase, because } of courses) {
    const end = ends.get(phase) ?? { phase, runs: 0, because: because === null ? null : cut(because, 1000) }
    ends.set(phase, { ...end, runs: end.runs + 1 })
  }
  return [...ends.values()].sort((one, other) => other.runs - one.runs)
}

const risksOf = (host: DryRunHost, simulated: string | null, failed: string | undefined): Risk[] => {
  const risk = (kind: Risk['kind'], text: string): Risk => ({ kind, text: cut(text, 700) })
  const { past } = host
  const stalls = past.filter(({ seconds }) => seconds >= STALL_SECONDS)
  const longest = Math.round(Math.max(0, ...past.map(({ seconds }) => seconds)))
  const refusal = host.refusal ?? host.refusedByKernel
  return [
    ...host.asleep.slice(0, 3).map((text) => risk('asleep now', text)),
    ...(refusal === null ? [] : [risk('would refuse', refusal)]),
    ...(host.connected ? [] : [risk('not heard', failed ?? 'Its agent is not heard now.')]),
    ...(stalls.length > 0
      ? [
          risk(
            'stalled before',
            past.length === 1
              ? `Its one transition that is known went on for ${longest} s.`
              : `Of its last ${past.length} transitions ${stalls.length} went on for more than ${STALL_SECONDS} s, the longest for ${longest} s.`,
          ),
        ]
      : []),
    ...(host.reliableStacks === false
      ? [
          risk(
            'no reliable stacks',
            `On ${host.architecture} its kernel cannot follow stacks: tasks go over only on their way to user mode, and kernel threads not at all.`,
          ),
        ]
      : []),
    ...(simulated === null ? [] : [risk('simulated', simulated)]),
  ]
}

const waitsOf = ({ plan, frozen, signedFor }: DryRunWork, courses: readonly Course[]): DryRunWait[] => {
  const waits: DryRunWait[] = []
  const add = (kind: DryRunWait['kind'], wave: number | null, text: string, seconds: DryRunWait['seconds'] = null) =>
    waits.push({ kind, wave, text: cut(text, 1000), seconds })
  if (frozen) add('freeze', null, 'The fleet is frozen: nothing is told until that is lifted.')
  if (signedFor > 0)
    add('person', null, `Approvers sign for ${counted(signedFor, 'host')} of class production before it begins.`)
  if (plan.windows.length > 0)
    add('window', null, 'Outside of its maintenance windows', rangeOf(courses.map((one) => one.outsideWindows)))
  const outside = new Set<string>()
  for (const [wave, { name, soakSeconds }] of plan.waves.entries()) {
    if (soakSeconds > 0) add('soak', wave, `${name} soaks`, rangeOf(courses.map(({ soaked }) => soaked[wave] ?? 0)))
    for (const gate of gatesOf(plan, wave)) {
      const asksElsewhere = gate.kind === 'prometheus' || gate.kind === 'http' || gate.kind === 'pressure'
      if (asksElsewhere) outside.add(gateName(gate))
    }
    for (const kind of ['approval', 'pause', 'gate'] as const) {
      const asked = courses.map((one) => one.asked.filter((ask) => ask.wave === wave && ask.kind === kind))
      const often = asked.filter(({ length }) => length > 0)
      const [first] = often.flat()
      if (first === undefined) continue
      const share = often.length === courses.length ? '' : ` In ${often.length} of ${courses.length} runs.`
      const lead =
        kind === 'pause' ? 'It pauses, and somebody resumes it: ' : kind === 'gate' ? 'A gate stays shut: ' : ''
      add(kind === 'gate' ? 'gate' : 'person', wave, `${lead}${sentenceOf(first.why)}${share}`)
    }
  }
  for (const name of outside) add('gate', null, `${name}: not read in a dry run, and taken for open.`)
  return waits
}

const sentenceOf = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)

const othersOf = (others: ReturnType<typeof planWaves>['others']): DryRunResult['others'] => {
  const byWhy = new Map<string, DryRunResult['others'][number]>()
  for (const { host, why } of others) {
    const row = byWhy.get(why) ?? { why: cut(why, 1000), hosts: 0, names: [] }
    const names = row.names.length < NAMES_MAX ? [...row.names, host.name] : row.names
    byWhy.set(why, { ...row, hosts: row.hosts + 1, names })
  }
  return [...byWhy.values()].sort((one, other) => other.hosts - one.hosts).slice(0, OTHERS_MAX)
}
