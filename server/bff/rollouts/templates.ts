import { randomUUID } from 'node:crypto'
import type { RolloutTemplate, RolloutTemplateRequest } from '@rebootless/shared/contract/rollout-templates.ts'
import type { rolloutTemplateRoutes } from '@rebootless/shared/contract/routes/rollout-templates.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { SHIPPED_TEMPLATES } from '@rebootless/shared/domain/rollouts/shipped-templates.ts'
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import type { Clock } from '../clock.ts'
import { type Act, done } from '../commands/act.ts'
import { databaseText } from '../database/database-text.ts'
import type { RolloutTemplatesTable } from '../database/rollout-tables.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { tellOf } from '../events/append-event.ts'
import type { Handlers } from '../http/call.ts'

/** What is listed holds as many. */
const TEMPLATES_MAX = 200

type Writer = Act & { readonly username: string }
type Transacted = Transaction<DatabaseSchema>

const refused = (detail: string) => new DomainError('rollout_template_refused', detail)
const missing = () => new DomainError('rollout_template_not_found', 'There is no such template: it was removed.')

const templateOf = (row: Selectable<RolloutTemplatesTable>): RolloutTemplate => ({
  ...{ id: row.id, name: row.name, about: row.about, plan: JSON.parse(row.plan), shipped: false },
  ...{ writtenBy: row.written_by, writtenAt: row.written_at.toISOString() },
})

const listTemplates = async (database: Kysely<DatabaseSchema>): Promise<{ items: RolloutTemplate[] }> => {
  const rows = await database.selectFrom('rollout_templates').selectAll().orderBy('name').execute()
  return { items: [...SHIPPED_TEMPLATES, ...rows.map(templateOf)] }
}

const requireFreeName = async (transaction: Transacted, name: string, id: string): Promise<void> => {
  // The index holds it against two who write at once; this is for the sentence.
  const taken = await transaction
    .selectFrom('rollout_templates')
    .select('id')
    .where(sql`lower(name)`, '=', sql`lower(${name})`)
    .where('id', '<>', id)
    .executeTakeFirst()
  const isShipped = SHIPPED_TEMPLATES.some((one) => one.name.toLowerCase() === name.toLowerCase())
  if (taken !== undefined || isShipped) throw refused('There is a template of this name: take another one.')
}

const rowOf = ({ name, about, plan }: RolloutTemplateRequest, who: Writer) => ({
  ...{ name: databaseText(name), about: databaseText(about), plan: canonicalJson(plan) },
  ...{ written_by: who.username, written_at: who.now },
})

const target = (id: string, name: string) => ({ kind: 'rollout template', id, name })

/** @throws DomainError `rollout_template_refused` */
const makeTemplate = (database: Kysely<DatabaseSchema>, request: RolloutTemplateRequest, who: Writer) =>
  database.transaction().execute(async (transaction) => {
    const id = randomUUID()
    const row = { id, ...rowOf(request, who) }
    await requireFreeName(transaction, row.name, id)
    const { templates } = await transaction
      .selectFrom('rollout_templates')
      .select(sql<number>`count(*)::int`.as('templates'))
      .executeTakeFirstOrThrow()
    if (templates >= TEMPLATES_MAX) throw refused(`There are ${TEMPLATES_MAX} templates already: remove some first.`)
    await transaction.insertInto('rollout_templates').values(row).execute()
    await appendAudit(
      transaction,
      done(who, {
        action: 'rollout_template.create',
        target: target(id, row.name),
        after: { waves: request.plan.waves.length },
      }),
    )
    await tellOf(transaction, 'templates', who.now)
    return templateOf(row)
  })

const lockTemplate = async (transaction: Transacted, id: string): Promise<Selectable<RolloutTemplatesTable>> => {
  const query = transaction.selectFrom('rollout_templates').selectAll().where('id', '=', id).forUpdate()
  return query.executeTakeFirstOrThrow(missing)
}

/** @throws DomainError `rollout_template_not_found`, `rollout_template_refused` */
const changeTemplate = (database: Kysely<DatabaseSchema>, id: string, request: RolloutTemplateRequest, who: Writer) =>
  database.transaction().execute(async (transaction) => {
    const before = await lockTemplate(transaction, id)
    const row = { id, ...rowOf(request, who) }
    await requireFreeName(transaction, row.name, id)
    await transaction.updateTable('rollout_templates').set(rowOf(request, who)).where('id', '=', id).execute()
    const facts = ({ name, about, plan }: Pick<RolloutTemplatesTable, 'name' | 'about' | 'plan'>) => ({
      ...{ name, about, waves: (JSON.parse(plan) as RolloutTemplate['plan']).waves.length },
    })
    await appendAudit(
      transaction,
      done(who, {
        action: 'rollout_template.change',
        target: target(id, row.name),
        before: facts(before),
        after: facts(row),
      }),
    )
    await tellOf(transaction, 'templates', who.now)
    return templateOf(row)
  })

/** @throws DomainError `rollout_template_not_found` */
const removeTemplate = (database: Kysely<DatabaseSchema>, id: string, reason: string, who: Writer) =>
  database.transaction().execute(async (transaction) => {
    const { name } = await lockTemplate(transaction, id)
    await transaction.deleteFrom('rollout_templates').where('id', '=', id).execute()
    await appendAudit(transaction, done(who, { action: 'rollout_template.delete', target: target(id, name), reason }))
    await tellOf(transaction, 'templates', who.now)
    return null
  })

export const rolloutTemplateHandlers = ({
  database,
  clock,
}: {
  readonly database: Kysely<DatabaseSchema>
  readonly clock: Clock
}): Pick<Handlers, keyof typeof rolloutTemplateRoutes> => {
  const writer = ({ actor, requestId, signedIn }: Omit<Act, 'now'> & { signedIn: { username: string } }): Writer => ({
    ...{ actor, requestId, username: signedIn.username, now: clock.now() },
  })
  return {
    'GET /api/v1/rollout-templates': () => listTemplates(database),
    'POST /api/v1/rollout-templates': (call) => makeTemplate(database, call.body, writer(call)),
    'PUT /api/v1/rollout-templates/:id': (call) => changeTemplate(database, call.params.id, call.body, writer(call)),
    'DELETE /api/v1/rollout-templates/:id': (call) =>
      removeTemplate(database, call.params.id, call.body.reason, writer(call)),
  }
}
