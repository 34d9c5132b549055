import { CveStatement, LivepatchNotice } from '@rebootless/shared/contract/vulnerabilities.ts'
import * as z from 'zod'
import { collector, type DocumentReader, UnreadableDocument } from './document.ts'

export const OWN_FORMAT = 'rebootless.vulnerabilities/1'
const Header = z.object({ format: z.literal(OWN_FORMAT) })
const from = { document: z.string().min(1).max(500), publishedOn: z.iso.date().nullable() }
const Line = z.union([
  z.strictObject({ cve: z.string().max(64), statement: CveStatement, ...from }),
  z.strictObject({ notice: LivepatchNotice, ...from }),
])

/** Our own form (docs/vulnerabilities.md): JSON lines, of which the first says the format. Each says whose word it is. */
export const readRebootless: DocumentReader = (content) => {
  const all = collector()
  const [first = '', ...lines] = content.split('\n')
  if (!Header.safeParse(jsonOf(first)).success) {
    throw new UnreadableDocument(`Its first line does not say that it is ${OWN_FORMAT}.`)
  }
  for (const [number, line] of lines.entries()) {
    if (line.trim() === '') continue
    const read = Line.safeParse(jsonOf(line))
    if (!read.success) all.trouble(`Line ${number + 2} is neither a statement nor a notice.`)
    else if ('notice' in read.data) all.notice(read.data.notice, read.data.publishedOn, read.data.document)
    else all.say(read.data.cve, read.data.statement, read.data.publishedOn, read.data.document)
  }
  return all.read
}

const jsonOf = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
