import type { FleetExposure } from '@rebootless/shared/contract/fleet.ts'
import { ALERT_SEVERITIES, ALERT_STATUSES } from '@rebootless/shared/domain/alerts/alert-words.ts'
import { SEVERITIES } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { ROLLOUT_PHASES } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import { HOST_ORIGINS, HOST_STATES, PROVIDER_NAMES, REBOOT_ANSWERS } from '@rebootless/shared/domain/words.ts'
import { type Kysely, sql } from 'kysely'
import type { Logger } from 'pino'
import { Gauge, type Registry } from 'prom-client'
import type { DatabaseSchema } from '../database/schema.ts'

/** A second scraper, or a second backend behind one address, costs the database nothing more. */
const KEPT_MS = 5_000
const CONTACTS = ['fresh', 'stale', 'offline'] as const
const OPEN_ALERTS = ALERT_STATUSES.filter((status) => status !== 'resolved')
/** Of systems that this version does not know. */
const OTHER = 'other'

/** Counts by one or two words; words of hosts are brought to closed lists, so that no host can make series (T31). */
interface FleetNumbers {
  readonly states: readonly { state: string; origin: string; count: number }[]
  readonly contacts: readonly { word: string; count: number }[]
  readonly providers: readonly { word: string; count: number }[]
  readonly reboots: readonly { word: string; count: number }[]
  readonly worst: readonly { word: string | null; count: number; exploited: number; exposures: number }[]
  readonly rollouts: readonly { word: string; count: number }[]
  readonly alerts: readonly { severity: string; phase: string; count: number }[]
  readonly totals: {
    readonly transitions: number
    readonly tasksTotal: number
    readonly tasksRemaining: number
    readonly frozen: number
    readonly certificateEnd: number | null
  }
}

const readFleetNumbers = async (database: Kysely<DatabaseSchema>): Promise<FleetNumbers> => {
  const counted = async <Row>(query: ReturnType<typeof sql<Row>>) => (await query.execute(database)).rows
  const [states, contacts, providers, reboots, worst, rollouts, alerts, totals] = await Promise.all([
    counted(sql<FleetNumbers['states'][number]>`select state, origin, count(*)::int as count from hosts group by 1, 2`),
    counted(
      sql<FleetNumbers['contacts'][number]>`select contact as word, count(*)::int as count from hosts group by 1`,
    ),
    counted(sql<FleetNumbers['providers'][number]>`
      select provider as word, count(*)::int as count from hosts, unnest(providers) as provider
      where provider = any(${[...PROVIDER_NAMES]}::text[]) group by 1
      union all
      select ${OTHER}, count(*)::int from hosts where not providers <@ ${[...PROVIDER_NAMES]}::text[]`),
    counted(sql<FleetNumbers['reboots'][number]>`select reboot as word, count(*)::int as count from hosts group by 1`),
    counted(sql<FleetNumbers['worst'][number]>`
      select classes.worst as word, count(*)::int as count,
        count(*) filter (where classes.known_exploited > 0)::int as exploited,
        coalesce(sum(classes.exposed), 0)::float8 as exposures
      from hosts join exposure_classes as classes on classes.id = hosts.exposure_class
      where classes.judged_pass is not null group by 1`),
    counted(
      sql<FleetNumbers['rollouts'][number]>`select phase as word, count(*)::int as count from rollouts group by 1`,
    ),
    counted(sql<FleetNumbers['alerts'][number]>`
      select severity, phase, count(*)::int as count from alert_groups where phase = any(${[...OPEN_ALERTS]}::text[]) group by 1, 2`),
    counted(sql<FleetNumbers['totals']>`
      select count(*) filter (where transition is not null)::int as "transitions",
        coalesce(sum(tasks_total), 0)::float8 as "tasksTotal",
        coalesce(sum(tasks_remaining), 0)::float8 as "tasksRemaining",
        (select count(*)::int from fleet_freeze where frozen) as "frozen",
        (select extract(epoch from min(newest.expires_at))::float8 from (
          select max(expires_at) as expires_at from certificates join hosts on hosts.id = certificates.host_id
          where hosts.connected and revoked_at is null group by host_id
        ) as newest) as "certificateEnd"
      from hosts`),
  ])
  const [total] = totals
  if (total === undefined) throw new Error('a count without groups is one row')
  return { states, contacts, providers, reboots, worst, rollouts, alerts, totals: total }
}

/** How the fleet stands, for `/metrics`: every backend of one database tells the same. */
export const registerFleetMetrics = ({
  registry,
  database,
  log,
  exposure,
}: {
  readonly registry: Registry
  readonly database: Kysely<DatabaseSchema>
  readonly log: Pick<Logger, 'warn'>
  /** Of the whole fleet, as far as it is reckoned; null: not yet. */
  readonly exposure: () => FleetExposure | null
}): void => {
  let kept: { readonly until: number; readonly numbers: Promise<FleetNumbers | null> } | undefined
  const numbers = (): Promise<FleetNumbers | null> => {
    const now = performance.now()
    if (kept === undefined || kept.until < now) {
      const read = readFleetNumbers(database).catch((error: unknown) => {
        log.warn({ err: error }, 'the numbers of the fleet could not be read for /metrics')
        return null
      })
      kept = { until: now + KEPT_MS, numbers: read }
    }
    return kept.numbers
  }
  const gauge = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    collect: (found: FleetNumbers, set: (labels: Record<Label, string>, value: number) => void) => void,
  ) =>
    new Gauge({
      ...{ name: `rebootless_${name}`, help, labelNames, registers: [registry] },
      async collect() {
        const found = await numbers()
        // What is not known is no series: a zero would be a lie, and `reset` alone leaves one where there are no labels.
        this.reset()
        if (labelNames.length === 0) this.remove()
        if (found !== null) collect(found, (labels, value) => this.set(labels, value))
      },
    })

  new Gauge({
    name: 'rebootless_fleet_metrics_up',
    help: 'Whether the numbers of the fleet could be read from the database: 1 or 0.',
    registers: [registry],
    async collect() {
      this.set((await numbers()) === null ? 0 : 1)
    },
  })
  const words =
    (of: (found: FleetNumbers) => readonly { word: string; count: number }[], label: string, all: readonly string[]) =>
    (found: FleetNumbers, set: (labels: Record<string, string>, value: number) => void) => {
      const counts = new Map(of(found).map(({ word, count }) => [word, count]))
      for (const word of all) set({ [label]: word }, counts.get(word) ?? 0)
    }
  gauge('hosts', 'Hosts, by state and where they come from.', ['state', 'origin'], ({ states }, set) => {
    for (const state of HOST_STATES) for (const origin of HOST_ORIGINS) set({ state, origin }, 0)
    for (const { state, origin, count } of states) set({ state, origin }, count)
  })
  gauge(
    'hosts_by_contact',
    'Hosts, by how long their agents have been silent.',
    ['contact'],
    words(({ contacts }) => contacts, 'contact', CONTACTS),
  )
  gauge(
    'hosts_by_provider',
    'Hosts on which a live patching system is found; one with two counts twice.',
    ['provider'],
    words(({ providers }) => providers, 'provider', [...PROVIDER_NAMES, OTHER]),
  )
  gauge(
    'hosts_by_reboot',
    'Hosts, by whether they need a reboot.',
    ['answer'],
    words(({ reboots }) => reboots, 'answer', REBOOT_ANSWERS),
  )
  gauge('hosts_in_transition', 'Hosts on which a transition runs.', [], ({ totals }, set) =>
    set({}, totals.transitions),
  )
  gauge('transition_tasks', 'Tasks of the hosts on which a transition runs.', ['side'], ({ totals }, set) => {
    set({ side: 'total' }, totals.tasksTotal)
    set({ side: 'remaining' }, totals.tasksRemaining)
  })
  gauge(
    'hosts_exposed',
    'Judged hosts that are exposed to some CVE, by the worst severity; accepted ones too.',
    ['severity'],
    ({ worst }, set) => {
      const counts = new Map(worst.map(({ word, count }) => [word, count]))
      for (const severity of SEVERITIES) set({ severity }, counts.get(severity) ?? 0)
    },
  )
  gauge('hosts_judged', 'Hosts whose exposure has been judged.', [], ({ worst }, set) =>
    set(
      {},
      worst.reduce((sum, { count }) => sum + count, 0),
    ),
  )
  gauge(
    'hosts_exposed_known_exploited',
    'Hosts that are exposed to a CVE that is known to be exploited; accepted ones too.',
    [],
    ({ worst }, set) =>
      set(
        {},
        worst.reduce((sum, { exploited }) => sum + exploited, 0),
      ),
  )
  gauge(
    'exposures',
    'Pairs of a host and a CVE to which it is exposed; accepted ones too, those that a reboot would fix not.',
    [],
    ({ worst }, set) =>
      set(
        {},
        worst.reduce((sum, { exposures }) => sum + exposures, 0),
      ),
  )
  gauge('hosts_overdue', 'Hosts that are exposed to a CVE beyond its due date.', [], (_found, set) => {
    const reckoned = exposure()
    if (reckoned !== null) set({}, reckoned.overdue)
  })
  gauge(
    'rollouts',
    'Rollouts, by phase.',
    ['phase'],
    words(({ rollouts }) => rollouts, 'phase', ROLLOUT_PHASES),
  )
  gauge('alerts', 'Alerts that are open, by severity and phase.', ['severity', 'phase'], ({ alerts }, set) => {
    for (const severity of ALERT_SEVERITIES) for (const phase of OPEN_ALERTS) set({ severity, phase }, 0)
    for (const { severity, phase, count } of alerts) set({ severity, phase }, count)
  })
  gauge('fleet_frozen', 'Whether the fleet is frozen: 1 or 0.', [], ({ totals }, set) =>
    set({}, totals.frozen > 0 ? 1 : 0),
  )
  gauge(
    'certificate_end_timestamp_seconds',
    'When the first of the certificates ends by which agents connect now.',
    [],
    ({ totals }, set) => totals.certificateEnd !== null && set({}, totals.certificateEnd),
  )
}
