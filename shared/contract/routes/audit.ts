import * as z from 'zod'
import { AUDITORS } from '../../domain/audiences.ts'
import { AuditChain, AuditChainQuery, AuditExportLine, AuditHeads, AuditList, AuditListQuery } from '../audit-api.ts'
import type { RouteDefinition } from '../route.ts'

export const auditRoutes = {
  'GET /api/v1/audit': {
    summary: 'Who did what, newest first',
    ...AUDITORS,
    query: AuditListQuery,
    response: AuditList,
    status: 200,
  },
  'GET /api/v1/audit/chain': {
    summary: 'Exact entries with their hashes, oldest first, to verify the chain',
    ...AUDITORS,
    query: AuditChainQuery,
    response: AuditChain,
    status: 200,
  },
  'GET /api/v1/audit/heads': {
    summary: 'How far the chain goes, and the heads that the server signed',
    ...AUDITORS,
    response: AuditHeads,
    status: 200,
  },
  'GET /api/v1/audit/export': {
    summary: 'The whole log with its signed heads, for `rebootless audit verify`',
    ...AUDITORS,
    response: AuditExportLine,
    status: 200,
    media: 'ndjson',
  },
  'GET /api/v1/audit/export.csv': {
    summary: 'The whole log as a table; it cannot be verified',
    ...AUDITORS,
    response: z.string(),
    status: 200,
    media: 'csv',
  },
} as const satisfies Record<string, RouteDefinition>
