import type { Clock } from '../clock.ts'
import type { Call, Handlers } from '../http/call.ts'
import { sendFile } from '../http/send-file.ts'
import type { Reading } from './note-reading.ts'
import type { Audit } from './service.ts'

export type AuditHandlers = Pick<
  Handlers,
  | 'GET /api/v1/audit'
  | 'GET /api/v1/audit/chain'
  | 'GET /api/v1/audit/heads'
  | 'GET /api/v1/audit/export'
  | 'GET /api/v1/audit/export.csv'
>

export const auditHandlers = (audit: Audit, clock: Clock, note: (reading: Reading) => Promise<void>): AuditHandlers => {
  const fileName = (ending: string) => `rebootless-audit-${clock.now().toISOString().slice(0, 10)}.${ending}`
  const noteExport = ({ actor, requestId }: Pick<Call, 'actor' | 'requestId'>, format: 'ndjson' | 'csv') =>
    note({ action: 'audit.export', actor, requestId, after: { format } })
  return {
    'GET /api/v1/audit': ({ query }) => audit.list(query),
    'GET /api/v1/audit/chain': async ({ query, actor, requestId }) => {
      // Whoever verifies begins here; of the stretches that follow there is no entry each.
      if (query.from === 1) await note({ action: 'audit.verify', actor, requestId, after: null })
      return audit.chain(query.from, query.limit)
    },
    'GET /api/v1/audit/heads': () => audit.heads(),
    'GET /api/v1/audit/export': async (call, _request, response) => {
      await noteExport(call, 'ndjson')
      const type = 'application/x-ndjson; charset=utf-8'
      await sendFile(response, { name: fileName('ndjson'), type, parts: audit.exportLines() })
    },
    'GET /api/v1/audit/export.csv': async (call, _request, response) => {
      await noteExport(call, 'csv')
      await sendFile(response, { name: fileName('csv'), type: 'text/csv; charset=utf-8', parts: audit.exportTable() })
    },
  }
}
