import type { AlertCondition, AlertFacts, ExposureFact } from './alert-facts.ts'
import type { AlertRuleDefinition } from './alert-rules.ts'
import { defaults, hostsPath } from './rule-defaults.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const dateOf = (time: number) => new Date(time).toISOString().slice(0, 10)

const ofExposure = ({ hostId, cve, severity }: ExposureFact, verb: string, since: number): AlertCondition => ({
  ...{ hostId, since, cause: cve },
  title: `${cve} (${severity}) ${verb}`,
  detail: 'Hosts are exposed to it beyond what the policy allows: see which livepatch or kernel fixes it.',
  path: `/compliance/cves/${encodeURIComponent(cve)}`,
})

const outdated = new WeakMap<AlertFacts['agents'], readonly AlertCondition[]>()

/** A new server finds its whole fleet outdated, for days; the same agents are found by several steps. */
const findOutdated = (agents: AlertFacts['agents']): readonly AlertCondition[] => {
  const known = outdated.get(agents)
  if (known !== undefined) return known
  const found = agents.map(({ hostId, version, since }) => ({
    ...{ hostId, since, cause: version, title: `Agents of version ${version}` },
    detail: 'They are understood, and lack what came since: install the agent that this server offers.',
    path: '/hosts',
  }))
  outdated.set(agents, found)
  return found
}

/** What has a date. */
export const DUE_RULES = {
  'sla-breaking': {
    title: 'SLA about to break',
    about: 'Hosts that are exposed to a CVE are due within so many days.',
    thresholdUnit: 'days',
    defaults: defaults('ticket', 0, { threshold: 3 }),
    find: ({ exposures }, { settings, now }) => {
      const withinMs = (settings.threshold ?? 0) * DAY_MS
      return exposures
        .filter(({ dueAt }) => dueAt > now && dueAt - now <= withinMs)
        .map((fact) => ({
          ...ofExposure(fact, 'is due soon', fact.dueAt - withinMs),
          detail: 'The first of these hosts must be rid of it soon, or the policy is broken.',
        }))
    },
  },
  'sla-broken': {
    title: 'SLA broken',
    about: 'Hosts are exposed to a CVE beyond the time that the policy gives.',
    thresholdUnit: null,
    defaults: defaults('page', 0),
    find: ({ exposures }, { now }) =>
      exposures.filter(({ dueAt }) => dueAt <= now).map((fact) => ofExposure(fact, 'is overdue', fact.dueAt)),
  },
  'exception-ending': {
    title: 'Exception about to end',
    about: 'An exception of the policy ends within so many days, and its hosts count again.',
    thresholdUnit: 'days',
    defaults: defaults('ticket', 0, { threshold: 7 }),
    find: ({ exceptions }, { settings, now }) => {
      const withinMs = (settings.threshold ?? 0) * DAY_MS
      return exceptions
        .filter(({ endsAt }) => endsAt > now && endsAt - now <= withinMs)
        .map(({ id, title, endsAt }) => ({
          ...{ hostId: null, since: endsAt - withinMs, cause: id, title: `Exception ends: ${title}` },
          detail: `It ends on ${dateOf(endsAt)}.`,
          path: '/compliance/exceptions',
        }))
    },
  },
  'certificate-ending': {
    title: 'Certificate ending',
    about: 'An agent’s certificate or the authority’s own ends within so many hours and was not renewed.',
    thresholdUnit: 'hours',
    // Agents renew when two thirds of seven days are over: below two days something hinders them.
    defaults: defaults('ticket', 0, { threshold: 36 }),
    find: ({ certificates, authorities }, { settings, now }) => {
      const withinMs = (settings.threshold ?? 0) * HOUR_MS
      // An authority is replaced in weeks, since each agent has to hear of the new one.
      const authorityMs = Math.max(withinMs, 60 * DAY_MS)
      const ending = (expiresAt: number, within: number) => expiresAt - now <= within
      const agents: AlertCondition[] = certificates
        .filter(({ expiresAt }) => ending(expiresAt, withinMs))
        .map(({ hostId, expiresAt }) => ({
          ...{ hostId, since: expiresAt - withinMs, cause: 'agents', title: 'Agents’ certificates end' },
          detail: 'Agents renew them days before. An agent whose certificate has ended must be enrolled anew.',
          path: hostsPath('state:offline,stale'),
        }))
      const own: AlertCondition[] = authorities
        .filter(({ expiresAt }) => ending(expiresAt, authorityMs))
        .map(({ fingerprint, expiresAt }) => ({
          ...{ hostId: null, since: expiresAt - authorityMs, cause: `authority|${fingerprint}` },
          title: 'The authority’s certificate ends',
          detail: `It ends on ${dateOf(expiresAt)}; no agent can connect after that.`,
          path: '/settings/enrolment',
        }))
      return [...agents, ...own]
    },
  },
  'agent-outdated': {
    title: 'Agent outdated',
    about: 'Agents are of another version than this server brings.',
    thresholdUnit: null,
    defaults: defaults('info', 3 * 86_400),
    find: ({ agents }) => findOutdated(agents),
  },
} as const satisfies Record<string, AlertRuleDefinition>
