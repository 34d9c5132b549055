import type { CveKnowledge } from '../../contract/vulnerabilities.ts'
import type { Severity } from './exposure-words.ts'

export interface ScoreThatCounts {
  readonly severity: Severity
  /** null: nobody has scored it. */
  readonly score: number | null
  readonly by: string | null
  readonly version: string | null
  readonly vector: string | null
}

const UNSCORED: ScoreThatCounts = { severity: 'unknown', score: null, by: null, version: null, vector: null }

/**
 * Whose score counts: those who maintain the code before those who ship it, these before databases, which score from the text
 * alone. Others come after. By name, as feeds give it.
 */
const SCORERS: readonly RegExp[] = [
  /^(linux|kernel\.org)/i,
  /^red ?hat/i,
  /^suse/i,
  /^(ubuntu|canonical)/i,
  /^nvd/i,
  /^cisa/i,
]

const scorerRank = (by: string): number => {
  const index = SCORERS.findIndex((pattern) => pattern.test(by))
  return index === -1 ? SCORERS.length : index
}

/** CVSS v3 and v4 have one scale; v2 is asked only where there is nothing else. */
const isOld = (version: string): number => (/^[34]/.test(version) ? 0 : 1)

/** The one score by which a CVE counts, of all that feeds give; of one scorer's the newest version, then the higher. */
export const severityOf = ({ statements }: CveKnowledge): ScoreThatCounts => {
  const scores = statements.flatMap(({ statement }) => (statement.kind === 'record' ? statement.scores : []))
  const [best] = [...scores].sort(
    (left, right) =>
      isOld(left.version) - isOld(right.version) ||
      scorerRank(left.by) - scorerRank(right.by) ||
      (left.version < right.version ? 1 : left.version > right.version ? -1 : right.score - left.score),
  )
  return best === undefined ? UNSCORED : { ...best, severity: severityOfScore(best.score, best.version) }
}

/** CVSS v3.1, section 5, "Qualitative Severity Rating Scale"; its `none` counts as low. NVD's for v2 ends at high. */
export const severityOfScore = (score: number, version = '3.1'): Severity => {
  if (score >= 9 && isOld(version) === 0) return 'critical'
  if (score >= 7) return 'high'
  return score >= 4 ? 'medium' : 'low'
}

/** In CISA's catalogue; the earliest day where feeds differ. Null: it is not. */
export const knownExploited = ({ statements }: CveKnowledge): { addedOn: string; ransomware: boolean } | null => {
  const listed = statements.flatMap(({ statement }) => (statement.kind === 'kev' ? [statement] : []))
  const [first] = listed.map(({ addedOn }) => addedOn).sort()
  return first === undefined ? null : { addedOn: first, ransomware: listed.some(({ ransomware }) => ransomware) }
}

/** The newest of FIRST's scores; null: none. They jump when the model changes, so day and model belong to it. */
export const epssOf = ({ statements }: CveKnowledge) =>
  statements
    .flatMap(({ statement }) => (statement.kind === 'epss' ? [statement] : []))
    .sort((left, right) => (left.scoredOn < right.scoredOn ? 1 : left.scoredOn > right.scoredOn ? -1 : 0))[0] ?? null
