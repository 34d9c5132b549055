import { CveStatement, LivepatchNotice } from '@rebootless/shared/contract/vulnerabilities.ts'
import { cut } from '@rebootless/shared/domain/sentence.ts'
import * as z from 'zod'
import { databaseText } from '../../database/database-text.ts'

export interface ReadStatement {
  readonly cve: string
  readonly statement: CveStatement
  /** As the feed dates it: a day; null: it does not. */
  readonly publishedOn: string | null
  /** The document that said it, where it is not the one that is read: a feed in our own form tells whose words it has. */
  readonly document?: string
}

export interface ReadNotice {
  readonly notice: LivepatchNotice
  readonly publishedOn: string | null
  readonly document?: string
}

/** What one document says of kernels, and what of it could not be read, in sentences. */
export interface ReadDocument {
  readonly statements: ReadStatement[]
  readonly notices: ReadNotice[]
  readonly troubles: string[]
}

/** Pure: the text of a document, and its name, which for some formats is a part of what it says. */
export type DocumentReader = (text: string, name: string) => ReadDocument

/** A document that is not what its feed has: the message is a sentence. */
export class UnreadableDocument extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UnreadableDocument'
  }
}

/** More than any real document has (EPSS's has 330,000); what is beyond is told and left out. */
const STATEMENTS_MAX = 1_000_000
const TROUBLES_MAX = 50

/** Collects what a document says; what does not fit the contract is told, and does not stop the rest. */
export const collector = () => {
  const read: ReadDocument = { statements: [], notices: [], troubles: [] }
  let beyond = 0
  const trouble = (sentence: string) => {
    if (read.troubles.length < TROUBLES_MAX) read.troubles.push(cut(sentence, 500))
  }
  const isFull = () => {
    if (read.statements.length + read.notices.length < STATEMENTS_MAX) return false
    if (beyond === 0) trouble(`It says more than ${STATEMENTS_MAX} things: what is beyond was left out.`)
    beyond += 1
    return true
  }
  return {
    read,
    trouble,
    say(cve: string, statement: CveStatement, publishedOn: string | null, document?: string) {
      if (isFull()) return
      const parsed = CveStatement.safeParse(statement)
      if (!CVE_ID.test(cve)) trouble(`“${cut(cve, 60)}” is not the id of a CVE.`)
      else if (!parsed.success) trouble(`What it says of ${cve} does not fit: ${firstIssue(parsed.error)}.`)
      else {
        const from = document === undefined ? {} : { document }
        read.statements.push({ cve, statement: parsed.data, publishedOn, ...from })
      }
    },
    notice(notice: LivepatchNotice, publishedOn: string | null, document?: string) {
      if (isFull()) return
      const parsed = LivepatchNotice.safeParse(notice)
      if (!parsed.success) trouble(`Its notice ${cut(notice.notice, 60)} does not fit: ${firstIssue(parsed.error)}.`)
      else read.notices.push({ notice: parsed.data, publishedOn, ...(document === undefined ? {} : { document }) })
    },
  }
}
export type Collector = ReturnType<typeof collector>

export const CVE_ID = /^CVE-\d{4}-\d{4,19}$/

const firstIssue = (error: z.ZodError): string => {
  const [issue] = error.issues
  return issue === undefined ? 'nothing is known of why' : cut(`${issue.path.join('.')}: ${issue.message}`, 200)
}

/** @throws UnreadableDocument */
export const parseJson = <Schema extends z.ZodType>(text: string, schema: Schema): z.output<Schema> => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new UnreadableDocument('It is not JSON.')
  }
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new UnreadableDocument(`It is not of this format: ${firstIssue(parsed.error)}.`)
  return parsed.data
}

/** Rows that are read one by one, so that a bad one stops no other. */
export const rows = z.array(z.unknown()).max(STATEMENTS_MAX)

/** The day of a date in any of the forms that feeds have: RFC 3339, `2024-01-31T00:00:00Z`, `2024-02-20`, `20 Feb 2024`. */
export const dayOf = (text: string | null | undefined): string | null => {
  if (text === null || text === undefined) return null
  const [, day] = /^(\d{4}-\d{2}-\d{2})(?:$|[T ])/.exec(text) ?? []
  return day !== undefined && z.iso.date().safeParse(day).success ? day : null
}

/** Text that may be kept and shown within a line's or a column's bounds. */
export const textOf = (text: string | null | undefined, charactersMax: number): string | null => {
  const trimmed = text?.trim() ?? ''
  return trimmed === '' ? null : cut(databaseText(trimmed), charactersMax)
}

/** `CVE-2024-26581` out of a name such as `cve/published/2024/CVE-2024-26581.dyad`, or `UBUNTU-CVE-2024-1086`. */
export const cveIn = (name: string): string | null => /CVE-\d{4}-\d{4,19}(?!\d)/i.exec(name)?.[0].toUpperCase() ?? null
