import type { ComplianceFileQuery } from '@rebootless/shared/contract/compliance-documents.ts'
import type { complianceDocumentRoutes } from '@rebootless/shared/contract/routes/compliance-documents.ts'
import { EXPOSURES, type Exposure } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import type { Compliance } from '../compliance/service.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import type { Handlers } from '../http/call.ts'
import { sendFile } from '../http/send-file.ts'
import { exportDocument } from './export.ts'
import { classParts, rowsOf } from './rows.ts'
import { exportTable } from './table.ts'
import { statementsOf, vexDocument } from './vex.ts'

const NOT_SAFE: readonly Exposure[] = EXPOSURES.filter((word) =>
  ['exposed', 'unknown', 'accepted', 'fixed_on_disk'].includes(word),
)
const JSON_TYPE = 'application/json; charset=utf-8'

async function* mapped<From, To>(parts: AsyncIterable<From>, map: (part: From) => To): AsyncGenerator<To> {
  for await (const part of parts) yield map(part)
}

export const complianceDocumentHandlers = ({
  database,
  clock,
  compliance,
  version,
}: {
  readonly database: Kysely<DatabaseSchema>
  readonly clock: Clock
  readonly compliance: Pick<Compliance, 'summary'>
  readonly version: string
}): Pick<Handlers, keyof typeof complianceDocumentRoutes> => {
  const partsOf = (scope: HostScope, { at, filter, status }: ComplianceFileQuery, preset: readonly Exposure[]) => {
    const now = clock.now()
    const past = at === undefined || Date.parse(at) >= now.getTime() ? null : new Date(at)
    const wanted = status === undefined ? preset : [status]
    const parts = classParts(database, { scope, filter, at: past }, wanted, now)
    return { parts, wanted: new Set(wanted), now, asOf: (past ?? now).toISOString() }
  }
  const fileName = (asOf: string, ending: string) => `rebootless-compliance-${asOf.slice(0, 10)}.${ending}`
  return {
    'GET /api/v1/compliance/export.csv': async ({ scope, query }, _request, response) => {
      const { parts, wanted, asOf } = partsOf(scope, query, NOT_SAFE)
      const table = exportTable(mapped(parts, (part) => rowsOf(part, wanted)))
      await sendFile(response, { name: fileName(asOf, 'csv'), type: 'text/csv; charset=utf-8', parts: table })
    },
    'GET /api/v1/compliance/export.json': async ({ scope, query }, _request, response) => {
      const { parts, wanted, now, asOf } = partsOf(scope, query, NOT_SAFE)
      const { at, filter } = query
      const asked = { filter, within: 14, ...(at !== undefined && { at }) }
      const { sentence, policyVersion } = await compliance.summary(scope, asked)
      const head = {
        ...{ format: 'rebootless.compliance/1' as const, madeAt: now.toISOString(), asOf, filter },
        ...{ scope: scope.text, sentence, policyVersion },
      }
      const document = exportDocument(
        head,
        mapped(parts, (part) => rowsOf(part, wanted)),
      )
      await sendFile(response, { name: fileName(asOf, 'json'), type: JSON_TYPE, parts: document })
    },
    'GET /api/v1/compliance/vex.json': async ({ scope, query }, _request, response) => {
      const { parts, wanted, asOf } = partsOf(scope, query, [...NOT_SAFE, 'fixed_by_livepatch'])
      const document = vexDocument(
        { asOf, filter: query.filter, scope: scope.text, version },
        mapped(parts, (part) => statementsOf(part, wanted)),
      )
      await sendFile(response, { name: fileName(asOf, 'openvex.json'), type: JSON_TYPE, parts: document })
    },
  }
}
