import type { ComplianceFileQuery } from '@rebootless/shared/contract/compliance-documents.ts'
import type { complianceDocumentRoutes } from '@rebootless/shared/contract/routes/compliance-documents.ts'
import type { Exposure } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import type { Reading } from '../audit/note-reading.ts'
import type { Clock } from '../clock.ts'
import type { Compliance } from '../compliance/service.ts'
import type { Reads } from '../database/replica/reads.ts'
import type { AskedHosts } from '../exposure/host-rows.ts'
import type { Call, Handlers } from '../http/call.ts'
import { sendFile } from '../http/send-file.ts'
import { exportDocument } from './export.ts'
import { classParts, rowsByHost } from './rows.ts'
import { exportTable } from './table.ts'
import { statementsOf, vexDocument } from './vex.ts'

const NOT_SAFE: readonly Exposure[] = ['exposed', 'unknown', 'accepted', 'fixed_on_disk']
/** Its summary is as the page asks for it, which is ready. */
const FORECAST_DAYS = 14
const JSON_TYPE = 'application/json; charset=utf-8'

export const complianceDocumentHandlers = ({
  reads,
  clock,
  compliance,
  note,
  version,
}: {
  readonly reads: Pick<Reads, 'choose'>
  readonly clock: Clock
  readonly compliance: Pick<Compliance, 'summary'>
  readonly note: (reading: Reading) => Promise<void>
  readonly version: string
}): Pick<Handlers, keyof typeof complianceDocumentRoutes> => {
  /** A moment that has not come yet is now. */
  const pastOf = (at: string | undefined): Date | undefined => {
    const asked = at === undefined ? undefined : new Date(at)
    return asked !== undefined && asked < clock.now() ? asked : undefined
  }
  const partsOf = async ({ scope, filter, at }: AskedHosts & { readonly at: Date }, wanted: readonly Exposure[]) => ({
    parts: classParts(await reads.choose(), { scope, filter, at }, wanted),
    wanted: new Set(wanted),
  })
  const wantedOf = ({ status }: ComplianceFileQuery, preset: readonly Exposure[]) =>
    status === undefined ? preset : [status]
  const noteExport = ({ actor, requestId, query }: Noted, format: 'csv' | 'json' | 'openvex') => {
    const { filter, at = null, status = null } = query
    return note({ action: 'compliance.export', actor, requestId, after: { format, filter, at, status } })
  }
  const fileName = (at: Date, ending: string) => `rebootless-compliance-${at.toISOString().slice(0, 10)}.${ending}`
  return {
    'GET /api/v1/compliance/export.csv': async (call, _request, response) => {
      const { scope, query } = call
      await noteExport(call, 'csv')
      const at = pastOf(query.at) ?? clock.now()
      const { parts, wanted } = await partsOf({ scope, filter: query.filter, at }, wantedOf(query, NOT_SAFE))
      const table = exportTable(rowsByHost(parts, wanted))
      await sendFile(response, { name: fileName(at, 'csv'), type: 'text/csv; charset=utf-8', parts: table })
    },
    'GET /api/v1/compliance/export.json': async (call, _request, response) => {
      const { scope, query } = call
      const { filter } = query
      await noteExport(call, 'json')
      const past = pastOf(query.at)
      const asked = { filter, within: FORECAST_DAYS, ...(past !== undefined && { at: past.toISOString() }) }
      const { sentence, counts, bySeverity, policyVersion, judgedAt } = await compliance.summary(scope, asked)
      // Rows are of the very moment that the sentence tells of.
      const at = new Date(judgedAt)
      const { parts, wanted } = await partsOf({ scope, filter, at }, wantedOf(query, NOT_SAFE))
      const head = {
        ...{ madeAt: clock.now().toISOString(), asOf: judgedAt, filter, scope: scope.text },
        ...{ sentence, counts, bySeverity, policyVersion },
      }
      const document = exportDocument(head, rowsByHost(parts, wanted))
      await sendFile(response, { name: fileName(at, 'json'), type: JSON_TYPE, parts: document })
    },
    'GET /api/v1/compliance/vex.json': async (call, _request, response) => {
      const { scope, query } = call
      const { filter } = query
      await noteExport(call, 'openvex')
      const at = pastOf(query.at) ?? clock.now()
      const statuses = wantedOf(query, [...NOT_SAFE, 'fixed_by_livepatch'])
      const { parts, wanted } = await partsOf({ scope, filter, at }, statuses)
      const document = vexDocument(
        { asOf: at.toISOString(), filter, scope: scope.text, statuses, version },
        statementsOf(parts, wanted),
      )
      await sendFile(response, { name: fileName(at, 'openvex.json'), type: JSON_TYPE, parts: document })
    },
  }
}

type Noted = Pick<Call, 'actor' | 'requestId'> & { readonly query: ComplianceFileQuery }
