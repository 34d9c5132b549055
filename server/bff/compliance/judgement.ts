import type { MomentOfFleet } from '@rebootless/shared/domain/compliance/fleet-at-moment.ts'
import type { ComplianceWord } from '@rebootless/shared/domain/compliance/host-filter.ts'
import {
  createHostJudge,
  type Dated,
  type HostJudgement,
  worseOf,
} from '@rebootless/shared/domain/compliance/judge-host.ts'
import type { Kysely } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { inSlices } from './in-slices.ts'
import { loadFleet } from './load-fleet.ts'

/** A whole fleet at one moment, without what it was reckoned from, which is many times larger. */
export interface Judgement {
  readonly fleet: MomentOfFleet
  /** Worst first; those with nothing open by name. */
  readonly hosts: readonly HostJudgement[]
}

const byText = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0)
const isSooner = (left: Dated, right: Dated) => worseOf(left, right) === left
const worstFirst = (left: HostJudgement, right: HostJudgement): number => {
  if (left.worst === null || right.worst === null) {
    if (left.worst !== right.worst) return left.worst === null ? 1 : -1
  } else if (left.worst.due !== right.worst.due || left.worst.since !== right.worst.since) {
    return isSooner(left.worst, right.worst) ? -1 : 1
  }
  return byText(left.host.name, right.host.name) || byText(left.host.id, right.host.id)
}

/**
 * Reads and judges a fleet as it was recorded at a moment, a slice at a time, so that whoever asks meanwhile is answered.
 * @param words of its hosts only those that they hold, which costs as little as there are; of a part there is no forecast
 */
export const judgeFleet = async (
  database: Kysely<DatabaseSchema>,
  at: Date,
  signal?: AbortSignal,
  words: readonly ComplianceWord[] = [],
): Promise<Judgement> => {
  const fleet = await loadFleet(database, at, words)
  const judge = createHostJudge(fleet)
  const hosts: HostJudgement[] = []
  await inSlices(fleet.hosts, (host) => hosts.push(judge(host)), signal)
  const { policy, fixes } = fleet
  return { fleet: { at: fleet.at, policy, fixes }, hosts: hosts.sort(worstFirst) }
}
