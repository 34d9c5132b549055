import * as z from 'zod'
import { ComplianceExport, ComplianceFileQuery, VexDocument } from '../compliance-documents.ts'
import { everyone, type RouteDefinition } from '../route.ts'

const file = { roles: everyone, scope: 'hosts', query: ComplianceFileQuery, status: 200 } as const

export const complianceDocumentRoutes = {
  'GET /api/v1/compliance/export.csv': {
    summary: 'A row for each host and CVE, as a table',
    ...file,
    response: z.string(),
    media: 'csv',
  },
  'GET /api/v1/compliance/export.json': {
    summary: 'The same with every fact, and the hash of the rows',
    ...file,
    response: ComplianceExport,
    media: 'json_file',
  },
  'GET /api/v1/compliance/vex.json': {
    summary: 'OpenVEX: tells scanners what is live patched, and what is not, on which host',
    ...file,
    response: VexDocument,
    media: 'json_file',
  },
} as const satisfies Record<string, RouteDefinition>
