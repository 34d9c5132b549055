import { type AlertRule, type AlertRuleChange, AlertRuleSettings } from '@rebootless/shared/contract/alerts.ts'
import { ALERT_RULES, type SettingsOfRules, settingsOfRules } from '@rebootless/shared/domain/alerts/alert-rules.ts'
import { ALERT_RULE_IDS, type AlertRuleId } from '@rebootless/shared/domain/alerts/alert-words.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { Kysely, Transaction } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import { type Act, done } from '../commands/act.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { tellOf } from '../events/append-event.ts'
import { hostsCondition } from './hosts-held.ts'
import { notifyAlerts } from './notify.ts'
import { RUNBOOKS } from './runbook-texts.ts'

type Db = Kysely<DatabaseSchema>

/** Those of people over the program's own. */
export const readSettings = async (database: Db): Promise<SettingsOfRules> => {
  const rows = await database.selectFrom('alert_rules').select(['id', 'settings']).execute()
  return settingsOfRules(new Map(rows.map(({ id, settings }) => [id, settings])))
}

const readFiring = async (database: Db): Promise<ReadonlyMap<AlertRuleId, number>> => {
  const rows = await database
    .selectFrom('alert_groups')
    .select(({ fn }) => ['rule', fn.countAll<string>().as('count')])
    .where('resolved_at', 'is', null)
    .where('fired_at', 'is not', null)
    .groupBy('rule')
    .execute()
  return new Map(rows.map(({ rule, count }) => [rule, Number(count)]))
}

const idsNamed = ({ channels, escalation }: Pick<AlertRuleSettings, 'channels' | 'escalation'>): string[] => [
  ...new Set([...(channels ?? []), ...escalation.flatMap((step) => step.channels)]),
]

/** Browsers of people are none that a rule can name. */
const readChannels = async (database: Db, ids: readonly string[]): Promise<{ id: string; name: string }[]> =>
  ids.length === 0
    ? []
    : database
        .selectFrom('channels')
        .select(['id', 'name'])
        .where('id', 'in', [...ids])
        .where('owner_id', 'is', null)
        .orderBy('name')
        .execute()

/** @param wholeFleet whether the caller may know how many fire, and who is told: it is of the whole fleet */
export const listRules = async (database: Db, wholeFleet: boolean): Promise<AlertRule[]> => {
  const rows = await database.selectFrom('alert_rules').selectAll().execute()
  const changed = new Map(rows.map((row) => [row.id, row]))
  const firing = wholeFleet ? await readFiring(database) : new Map<AlertRuleId, number>()
  const settingsOf = (id: AlertRuleId) => ({ ...ALERT_RULES[id].defaults, ...changed.get(id)?.settings })
  const named = wholeFleet
    ? await readChannels(
        database,
        ALERT_RULE_IDS.flatMap((id) => idsNamed(settingsOf(id))),
      )
    : []
  return ALERT_RULE_IDS.map((id) => {
    const { title, about, defaults, thresholdUnit } = ALERT_RULES[id]
    const own = changed.get(id)
    const settings = settingsOf(id)
    const ids = idsNamed(settings)
    return {
      ...{ id, title, about, defaults, thresholdUnit, settings, firing: firing.get(id) ?? 0 },
      ...{ named: named.filter((channel) => ids.includes(channel.id)), runbook: RUNBOOKS[id] },
      changed: own === undefined ? null : { by: own.changed_by_name, at: own.changed_at.toISOString() },
    }
  })
}

const refused = (detail: string) => new DomainError('alert_rule_refused', detail)

/** What was named before stays, though the channel was removed since: it hinders no other change. */
const requireChannels = async (
  transaction: Transaction<DatabaseSchema>,
  before: AlertRuleSettings,
  after: AlertRuleSettings,
) => {
  const former = idsNamed(before)
  const named = idsNamed(after).filter((id) => !former.includes(id))
  const found = await readChannels(transaction, named)
  if (found.length < named.length) throw refused('One of these channels is not there: see the list of channels.')
}

/** @throws DomainError `alert_rule_refused`, `filter_invalid` */
export const changeRule = (
  database: Db,
  id: AlertRuleId,
  { reason, ...wanted }: AlertRuleChange,
  who: Act & { readonly username: string },
): Promise<AlertRule> =>
  database.transaction().execute(async (transaction) => {
    const { defaults } = ALERT_RULES[id]
    const row = await transaction
      .selectFrom('alert_rules')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst()
    const before = { ...defaults, ...row?.settings }
    const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined))
    const after = AlertRuleSettings.parse({ ...before, ...given })
    if (defaults.threshold === null && after.threshold !== null) throw refused('This rule has no threshold.')
    if (defaults.threshold !== null && after.threshold === null) throw refused('This rule needs a threshold.')
    if (after.hosts !== null) hostsCondition(after.hosts)
    const steps = after.escalation.map(({ afterMinutes }) => afterMinutes)
    if (steps.some((minutes, index) => minutes <= (steps[index - 1] ?? 0))) {
      throw refused('Each step of an escalation comes later than the one before.')
    }
    await requireChannels(transaction, before, after)
    const values = {
      settings: JSON.stringify(after),
      ...{ changed_by_name: who.username, changed_at: who.now },
    }
    await transaction
      .insertInto('alert_rules')
      .values({ id, ...values })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
      .execute()
    const target = { kind: 'alert_rule', id, name: ALERT_RULES[id].title }
    await appendAudit(
      transaction,
      done(who, { action: 'alert_rule.change', target, reason: reason ?? null, before, after }),
    )
    await notifyAlerts(transaction)
    await tellOf(transaction, 'alerts', who.now)
    const rule = (await listRules(transaction, true)).find((one) => one.id === id)
    if (rule === undefined) throw new Error('a rule without a row')
    return rule
  })
