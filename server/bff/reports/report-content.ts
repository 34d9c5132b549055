import { type ComplianceReport, MESSAGE_FILE_CHARACTERS_MAX } from '@rebootless/shared/contract/channel-messages.ts'
import { plainText } from '@rebootless/shared/domain/channel-text.ts'
import type { Exposure } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { routeAddress } from '@rebootless/shared/domain/route-address.ts'
import type { Kysely } from 'kysely'
import type { Compliance } from '../compliance/service.ts'
import { classParts, rowsByHost } from '../compliance-documents/rows.ts'
import { exportTable } from '../compliance-documents/table.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { hostScopeOf } from '../hosts/host-scope.ts'

export interface ReportContentOptions {
  readonly database: Kysely<DatabaseSchema>
  readonly compliance: Pick<Compliance, 'summary'>
  /** Of the file, in UTF-16 units. */
  readonly fileCharactersMax?: number
}

export interface ReportOf {
  readonly id: string
  readonly name: string
  readonly filter: string
  readonly attachCsv: boolean
  /** Of the channel that it goes to. */
  readonly scope: string | null
}

/** As the page asks by itself. */
const FORECAST_DAYS = 14
const OPEN: readonly Exposure[] = ['exposed', 'fixed_on_disk']

/**
 * How compliance stands now, for a channel that may know of the hosts of its scope alone (threat-model T06).
 * @throws DomainError `filter_invalid`, `not_authorised` when filter or scope cannot be read any more
 */
export const reportContent = async (
  { database, compliance, fileCharactersMax = MESSAGE_FILE_CHARACTERS_MAX }: ReportContentOptions,
  { id, name, filter, attachCsv, scope }: ReportOf,
): Promise<Omit<ComplianceReport['data'], 'period' | 'late'>> => {
  const hostScope = hostScopeOf({ scope })
  const summary = await compliance.summary(hostScope, { filter, within: FORECAST_DAYS })
  const { counts, bySeverity, sentence, knownExploited, accepted, judgedAt } = summary
  const at = new Date(judgedAt)
  const asked = { scope: hostScope, filter, at }
  const hosts = [scope ?? '', filter].filter((text) => text !== '').join(' ')
  const content = attachCsv ? await openTable(database, asked, fileCharactersMax) : null
  return {
    report: { id, name: plainText(name, 300) },
    ...{ hosts: plainText(hosts, 2100), sentence: plainText(sentence), counts },
    bySeverity: bySeverity.map(({ severity, cves, hosts: exposed, overdueHosts }) => ({
      ...{ severity, cves, hosts: exposed, overdueHosts },
    })),
    ...{ knownExploitedHosts: knownExploited.hosts, acceptedHosts: accepted.hosts, judgedAt },
    path: routeAddress('/compliance', { query: { at: judgedAt, ...(hosts === '' ? {} : { filter: hosts }) } }),
    file: content === null ? null : { name: `compliance-${judgedAt.slice(0, 10)}.csv`, content },
    fileLeftOut:
      attachCsv && content === null
        ? 'The list of what is open is too large for mail: it stands behind the link.'
        : null,
  }
}

/** @returns null: it is larger than may be */
const openTable = async (
  database: Kysely<DatabaseSchema>,
  asked: Parameters<typeof classParts>[1],
  charactersMax: number,
): Promise<string | null> => {
  const rows = rowsByHost(classParts(database, asked, OPEN), new Set(OPEN))
  let text = ''
  for await (const part of exportTable(rows)) {
    text += part
    if (text.length > charactersMax) return null
  }
  return text
}
