import type { Clock } from '../clock.ts'
import type { Handlers } from '../http/call.ts'
import { sendFile } from '../http/send-file.ts'
import type { Audit } from './service.ts'

export type AuditHandlers = Pick<
  Handlers,
  | 'GET /api/v1/audit'
  | 'GET /api/v1/audit/chain'
  | 'GET /api/v1/audit/heads'
  | 'GET /api/v1/audit/export'
  | 'GET /api/v1/audit/export.csv'
>

export const auditHandlers = (audit: Audit, clock: Clock): AuditHandlers => {
  const fileName = (ending: string) => `rebootless-audit-${clock.now().toISOString().slice(0, 10)}.${ending}`
  return {
    'GET /api/v1/audit': ({ query }) => audit.list(query),
    'GET /api/v1/audit/chain': ({ query }) => audit.chain(query.from, query.limit),
    'GET /api/v1/audit/heads': () => audit.heads(),
    'GET /api/v1/audit/export': (_call, _request, response) =>
      sendFile(response, {
        name: fileName('ndjson'),
        type: 'application/x-ndjson; charset=utf-8',
        parts: audit.exportLines(),
      }),
    'GET /api/v1/audit/export.csv': (_call, _request, response) =>
      sendFile(response, { name: fileName('csv'), type: 'text/csv; charset=utf-8', parts: audit.exportTable() }),
  }
}
