import type { ExposureFacts } from '@rebootless/shared/contract/exposure.ts'
import type { ExposureAhead } from '@rebootless/shared/contract/exposure-change.ts'
import { prepareKnowledge } from '@rebootless/shared/domain/exposure/prepared-knowledge.ts'
import {
  type ClassChange,
  compareVerdicts,
  cvesBorneOn,
} from '@rebootless/shared/domain/exposure-change/compare-verdicts.ts'
import { tallyOf } from '@rebootless/shared/domain/exposure-change/tally.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { loadCves, loadNotices } from '../vulnerabilities/knowledge.ts'
import type { PlanChange } from './plan-change.ts'
import { readWeights } from './weights.ts'

const STAYS_MAX = 20
const NAMES_MAX = 5

/** A host of the plan. */
export interface PlannedHost {
  readonly id: string
  readonly name: string
  readonly artefact: string | null
  /** Why it does not get the change; null: it does. */
  readonly whyNot: string | null
}

interface Group {
  readonly facts: ExposureFacts
  readonly artefact: string | null
  readonly goes: boolean
  readonly hosts: PlannedHost[]
}

const STAYS_ALL_THE_SAME = 'What the plan brings them is not known to fix it'

/** Hosts of one class to which the same happens are judged once. */
const groupHosts = async (database: Kysely<DatabaseSchema>, hosts: readonly PlannedHost[]) => {
  const { rows } = await sql<{ host_id: string; class_id: string }>`
    select host_id, class_id from host_exposure
    where to_at is null and host_id = any(${hosts.map(({ id }) => id)}::uuid[])`.execute(database)
  const classOf = new Map(rows.map(({ host_id, class_id }) => [host_id, class_id]))
  const classes = await database
    .selectFrom('exposure_classes')
    .select(['id', 'facts'])
    .where(sql<boolean>`id = any(${[...new Set(classOf.values())]}::text[])`)
    .execute()
  const factsOf = new Map(classes.map(({ id, facts }) => [id, facts]))
  const groups = new Map<string, Group>()
  let notJudged = 0
  for (const host of hosts) {
    const classId = classOf.get(host.id)
    const facts = classId === undefined ? undefined : factsOf.get(classId)
    if (facts === undefined) {
      notJudged += 1
      continue
    }
    const goes = host.whyNot === null
    const key = `${classId} ${goes} ${host.artefact}`
    const group = groups.get(key) ?? { facts, goes, artefact: host.artefact, hosts: [] }
    group.hosts.push(host)
    groups.set(key, group)
  }
  return { groups: [...groups.values()], notJudged }
}

/** What a plan's change would close and open on its hosts, as feeds and hosts stand now. */
export const readAhead = async (
  database: Kysely<DatabaseSchema>,
  plan: PlanChange,
  hosts: readonly PlannedHost[],
): Promise<ExposureAhead> => {
  const { groups, notJudged } = await groupHosts(database, hosts)
  const notices = await loadNotices(database)
  const changeOf = ({ goes, artefact }: Group) => (goes ? plan.of(artefact) : null)
  const byNotices = prepareKnowledge([], notices)
  const borne = new Set(groups.flatMap((group) => cvesBorneOn(group.facts, changeOf(group), plan.fixes, byNotices)))
  const cves = await loadCves(database, undefined, [...borne])
  const knowledge = { ...prepareKnowledge(cves, []), notices: byNotices.notices }
  const judged = groups.map((group) => ({
    group,
    ids: group.hosts.map(({ id }) => id),
    change: compareVerdicts(group.facts, changeOf(group), plan.fixes, knowledge),
  }))
  const weights = await readWeights(database, [...borne])
  const tally = (of: (change: ClassChange) => readonly string[]) =>
    tallyOf(
      judged.map(({ ids, change }) => ({ hosts: ids, cves: of(change) })),
      weights,
    )
  const stays = staysOf(judged)
  const isUndoable = judged.some(({ change }) => change.undoOpens !== null)
  return {
    closes: tally(({ closes }) => closes),
    opens: tally(({ opens }) => opens),
    undoOpens: isUndoable ? tally(({ undoOpens }) => undoOpens ?? []) : null,
    ...{ stays: stays.slice(0, STAYS_MAX), staysTotal: stays.reduce((sum, one) => sum + one.hosts, 0) },
    alreadyFixed: judged
      .filter(({ change }) => plan.fixes.length > 0 && change.stays.length === 0 && change.closes.length === 0)
      .reduce((sum, { ids }) => sum + ids.length, 0),
    ...{ notJudged, notCounted: [...plan.notCounted] },
  }
}

const staysOf = (judged: readonly { group: Group; change: ClassChange }[]): ExposureAhead['stays'] => {
  const byWhy = new Map<string, ExposureAhead['stays'][number]>()
  for (const { group, change } of judged) {
    if (change.stays.length === 0) continue
    for (const { name, whyNot } of group.hosts) {
      const why = whyNot ?? STAYS_ALL_THE_SAME
      const one = byWhy.get(why) ?? { why, exposures: 0, hosts: 0, names: [] }
      byWhy.set(why, {
        ...{ why, exposures: one.exposures + change.stays.length, hosts: one.hosts + 1 },
        names: one.names.length < NAMES_MAX ? [...one.names, name] : one.names,
      })
    }
  }
  return [...byWhy.values()].sort((left, right) => right.hosts - left.hosts || (left.why < right.why ? -1 : 1))
}
