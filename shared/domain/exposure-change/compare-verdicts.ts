import type { ExposureFacts } from '../../contract/exposure.ts'
import { judge, prepareClass } from '../exposure/judge.ts'
import type { PreparedKnowledge } from '../exposure/prepared-knowledge.ts'
import { changedFacts, type LivepatchChange, undoneFacts } from './changed-facts.ts'

/** What a change does to all hosts of one class. */
export interface ClassChange {
  readonly closes: readonly string[]
  readonly opens: readonly string[]
  /** null: there is nothing to undo. */
  readonly undoOpens: readonly string[] | null
  /** Of the CVEs that the plan's patches fix: open before and after. */
  readonly stays: readonly string[]
}

const isOpen = (status: string) => status === 'exposed' || status === 'fixed_on_disk'

const openOf = (facts: ExposureFacts, cves: readonly string[], knowledge: PreparedKnowledge): Set<string> => {
  const prepared = prepareClass(facts, knowledge)
  return new Set(cves.filter((cve) => isOpen(judge(prepared, cve).status)))
}

/** CVEs on which a livepatch bears, in effect before or after, by its tool, the catalogue or a notice. */
export const cvesBorneOn = (
  facts: ExposureFacts,
  change: LivepatchChange | null,
  fixed: readonly string[],
  knowledge: PreparedKnowledge,
): string[] => {
  const states = change === null ? [] : [facts, changedFacts(facts, change)]
  const named = states.flatMap((state) => [
    ...state.livepatches.flatMap(({ cves, catalogueCves }) => [...cves, ...catalogueCves]),
    ...prepareClass(state, knowledge).notices.inEffect.keys(),
  ])
  return [...new Set([...fixed, ...named])].sort()
}

/** Judges the class as it is, as it would be, and as it would be once that was undone. @param change null: hosts that do not go */
export const compareVerdicts = (
  facts: ExposureFacts,
  change: LivepatchChange | null,
  fixed: readonly string[],
  knowledge: PreparedKnowledge,
): ClassChange => {
  const cves = cvesBorneOn(facts, change, fixed, knowledge)
  const before = openOf(facts, cves, knowledge)
  const stays = (open: ReadonlySet<string>) => fixed.filter((cve) => before.has(cve) && open.has(cve))
  if (change === null) return { closes: [], opens: [], undoOpens: null, stays: stays(before) }
  const afterFacts = changedFacts(facts, change)
  const after = openOf(afterFacts, cves, knowledge)
  const undone = undoneFacts(afterFacts, change)
  const undoneOpen = undone === null ? null : openOf(undone, cves, knowledge)
  return {
    closes: [...before].filter((cve) => !after.has(cve)),
    opens: [...after].filter((cve) => !before.has(cve)),
    undoOpens: undoneOpen === null ? null : [...undoneOpen].filter((cve) => !after.has(cve)),
    stays: stays(after),
  }
}
