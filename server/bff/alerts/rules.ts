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

/** @param counts whether the caller may know how many fire: it is of the whole fleet */
export const listRules = async (database: Db, counts: boolean): Promise<AlertRule[]> => {
  const rows = await database.selectFrom('alert_rules').selectAll().execute()
  const changed = new Map(rows.map((row) => [row.id, row]))
  const firing = counts ? await readFiring(database) : new Map<AlertRuleId, number>()
  return ALERT_RULE_IDS.map((id) => {
    const { title, about, defaults, thresholdUnit } = ALERT_RULES[id]
    const own = changed.get(id)
    return {
      ...{ id, title, about, defaults, thresholdUnit, settings: { ...defaults, ...own?.settings } },
      ...{ firing: firing.get(id) ?? 0, runbook: RUNBOOKS[id] },
      changed: own === undefined ? null : { by: own.changed_by_name, at: own.changed_at.toISOString() },
    }
  })
}

const refused = (detail: string) => new DomainError('alert_rule_refused', detail)

const requireChannels = async (transaction: Transaction<DatabaseSchema>, settings: AlertRuleSettings) => {
  const named = [...new Set([...(settings.channels ?? []), ...settings.escalation.flatMap(({ channels }) => channels)])]
  if (named.length === 0) return
  const found = await transaction.selectFrom('channels').select('id').where('id', 'in', named).execute()
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
    await requireChannels(transaction, after)
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
