import type {
  CveKnowledge,
  CveStatement,
  CveStatementOf,
  Provenance,
} from '@rebootless/shared/contract/vulnerabilities.ts'
import type { VendorStatus } from '@rebootless/shared/domain/exposure/exposure-words.ts'

/** One statement with whose it is, as the API gives them. */
export interface Said<Kind extends CveStatement['kind']> {
  readonly statement: CveStatementOf<Kind>
  readonly from: Provenance
}

const isOf = <Kind extends CveStatement['kind']>(
  statement: CveStatement,
  kind: Kind,
): statement is CveStatementOf<Kind> => statement.kind === kind

/** Those of one kind, in the order in which they came. */
export const saidOf = <Kind extends CveStatement['kind']>(all: CveKnowledge['statements'], kind: Kind): Said<Kind>[] =>
  all.flatMap(({ statement, from }) => (isOf(statement, kind) ? [{ statement, from }] : []))

/** As a vendor's word is called on screen. `tone`: the fix is there, or is not. */
export const VENDOR_STATUS_WORDS: Readonly<Record<VendorStatus, { word: string; tone: 'new' | 'old' | 'none' }>> = {
  fixed: { word: 'fixed', tone: 'new' },
  affected: { word: 'affected', tone: 'old' },
  not_affected: { word: 'not affected', tone: 'none' },
  under_investigation: { word: 'being looked into', tone: 'none' },
}

const NAMES: Readonly<Record<string, string>> = {
  debian: 'Debian',
  ubuntu: 'Ubuntu',
  'ubuntu-pro': 'Ubuntu Pro',
  rhel: 'Red Hat Enterprise Linux',
  sles: 'SUSE Linux Enterprise',
  'opensuse-leap': 'openSUSE Leap',
  'sle-micro': 'SUSE Linux Enterprise Micro',
  'opensuse-leap-micro': 'openSUSE Leap Micro',
  amzn: 'Amazon Linux',
  ol: 'Oracle Linux',
}

/** `debian:12` as people call it; a product that is not known here stays as the feed has it. */
export const productWord = (product: string): string => {
  const [id = '', version = ''] = product.split(':')
  const name = NAMES[id]
  return name === undefined ? product : `${name} ${version}`
}

/** The pairs of releases between which upstream is affected, in words: `since 5.15, fixed in 6.1.78`. */
export const upstreamWords = (statement: CveStatementOf<'upstream_pairs' | 'upstream_record'>): string[] => {
  if (statement.kind === 'upstream_pairs')
    return statement.pairs.map(
      ({ introduced, fixed }) =>
        `${introduced === null ? 'from the beginning' : `since ${introduced}`}, ${fixed === null ? 'not fixed there' : `fixed in ${fixed}`}`,
    )
  return [
    ...(statement.notAffectedBefore === null ? [] : [`not affected before ${statement.notAffectedBefore}`]),
    ...statement.affected.map(
      ({ from, before }) => `affected from ${from}${before === null ? '' : ` before ${before}`}`,
    ),
    ...statement.branchFixes.map(({ branch, fixed }) => `fixed in ${fixed} of ${branch}`),
    ...(statement.mainlineFix === null ? [] : [`fixed in ${statement.mainlineFix}`]),
  ]
}
