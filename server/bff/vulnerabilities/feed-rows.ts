import { createHash } from 'node:crypto'
import type { CveStatement, LivepatchNotice } from '@rebootless/shared/contract/vulnerabilities.ts'
import type { ReadNotice } from './feeds/document.ts'

/** A statement as a row of its table has it. */
export interface StatementRow {
  readonly cve: string
  readonly kind: CveStatement['kind']
  readonly hash: string
  readonly body: string
  readonly document: string
  readonly publishedOn: string | null
}
export interface NoticeRow {
  readonly notice: string
  readonly cves: readonly string[]
  readonly hash: string
  readonly body: string
  readonly document: string
  readonly publishedOn: string | null
}

const digest = (text: string) => createHash('sha256').update(text).digest('base64url')

/**
 * Statements are the same when their hashes are. Scores of EPSS move a little every day: a row for each CVE and day would bury what is
 * worth keeping, so one is new when it differs by two places or the model does; it says of which day it is.
 */
export const statementHash = (statement: CveStatement, body: string): string =>
  statement.kind === 'epss' ? digest(`epss ${statement.score.toFixed(2)} ${statement.model}`) : digest(body)

export const noticeHash = digest

const union = (one: readonly string[], other: readonly string[], max: number) =>
  [...new Set([...one, ...other])].sort().slice(0, max)

/** Two documents of one notice: Red Hat's have one CVE each. */
export const mergeNotices = (one: ReadNotice, other: ReadNotice): ReadNotice => {
  const [a, b]: readonly LivepatchNotice[] = [one.notice, other.notice]
  if (a === undefined || b === undefined) return one
  return {
    ...one,
    notice: {
      ...a,
      publishedOn: a.publishedOn ?? b.publishedOn,
      kernels: union(a.kernels, b.kernels, 256),
      packages: union(a.packages, b.packages, 256),
      cves: union(a.cves, b.cves, 2048),
      oldestKernels: a.oldestKernels.length === 0 ? b.oldestKernels : a.oldestKernels,
      moduleVersion: a.moduleVersion ?? b.moduleVersion,
      functions: [...a.functions, ...b.functions.filter(({ cve }) => !a.functions.some((f) => f.cve === cve))].slice(
        0,
        4096,
      ),
    },
  }
}
