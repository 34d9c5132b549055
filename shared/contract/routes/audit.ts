import * as z from 'zod'
import { AuditChain, AuditChainQuery, AuditExportLine, AuditHeads, AuditList, AuditListQuery } from '../audit-api.ts'
import type { RouteDefinition } from '../route.ts'

/** Who may act on the whole fleet may see what others did to it; whoever only operates sees his own hosts. */
const auditors = ['approver', 'admin'] as const

export const auditRoutes = {
  'GET /api/v1/audit': {
    summary: 'Who did what, newest first',
    roles: auditors,
    scope: 'whole fleet',
    query: AuditListQuery,
    response: AuditList,
    status: 200,
  },
  'GET /api/v1/audit/chain': {
    summary: 'Exact entries with their hashes, oldest first, to verify the chain',
    roles: auditors,
    scope: 'whole fleet',
    query: AuditChainQuery,
    response: AuditChain,
    status: 200,
  },
  'GET /api/v1/audit/heads': {
    summary: 'How far the chain goes, and the heads that the server signed',
    roles: auditors,
    scope: 'whole fleet',
    response: AuditHeads,
    status: 200,
  },
  'GET /api/v1/audit/export': {
    summary: 'The whole log with its signed heads, for `rebootless audit verify`',
    roles: auditors,
    scope: 'whole fleet',
    response: AuditExportLine,
    status: 200,
    media: 'ndjson',
  },
  'GET /api/v1/audit/export.csv': {
    summary: 'The whole log as a table; it cannot be verified',
    roles: auditors,
    scope: 'whole fleet',
    response: z.string(),
    status: 200,
    media: 'csv',
  },
} as const satisfies Record<string, RouteDefinition>
