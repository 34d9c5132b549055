import * as z from 'zod'
import { ALERT_RULE_IDS } from '../../domain/alerts/alert-words.ts'
import { ALERT_RESPONDERS, FLEET_ADMINS } from '../../domain/audiences.ts'
import {
  AcknowledgeAlert,
  AlertCounts,
  AlertDetail,
  AlertList,
  AlertListQuery,
  AlertNote,
  AlertRule,
  AlertRuleChange,
  AlertRuleList,
  NewSilence,
  Silence,
  SilenceList,
  SilenceListQuery,
} from '../alerts.ts'
import { ReasonGiven } from '../primitives.ts'
import { everyone, type RouteDefinition } from '../route.ts'

const byId = z.strictObject({ id: z.uuid() })
/** Whoever has a scope acts on alerts all of whose hosts it holds. */
const onAlerts = { roles: ALERT_RESPONDERS.roles, scope: 'hosts' } as const

export const alertRoutes = {
  'GET /api/v1/alerts': {
    summary: 'Alerts, grouped by cause, most urgent first; those that are over too',
    roles: everyone,
    scope: 'hosts',
    query: AlertListQuery,
    response: AlertList,
    status: 200,
  },
  'GET /api/v1/alert-counts': {
    summary: 'How many alerts fire, by severity',
    roles: everyone,
    scope: 'hosts',
    response: AlertCounts,
    status: 200,
  },
  'GET /api/v1/alerts/:id': {
    summary: 'One alert with its hosts, what happened, its runbook, and what was done last time',
    roles: everyone,
    scope: 'hosts',
    params: byId,
    response: AlertDetail,
    status: 200,
  },
  'POST /api/v1/alerts/:id/acknowledge': {
    summary: 'Takes an alert up: it is told no more until it is over',
    ...onAlerts,
    params: byId,
    body: AcknowledgeAlert,
    response: AlertDetail,
    status: 200,
  },
  'POST /api/v1/alerts/:id/note': {
    summary: 'Writes down what was done, for the next time',
    ...onAlerts,
    params: byId,
    body: AlertNote,
    response: AlertDetail,
    status: 200,
  },
  'GET /api/v1/silences': {
    summary: 'What is silenced, until when and why; with `ended=true` what was',
    ...ALERT_RESPONDERS,
    query: SilenceListQuery,
    response: SilenceList,
    status: 200,
  },
  'POST /api/v1/silences': {
    summary: 'Silences alerts by rule, cause or hosts, until a time',
    ...ALERT_RESPONDERS,
    body: NewSilence,
    response: Silence,
    status: 201,
  },
  'POST /api/v1/silences/:id/end': {
    summary: 'Ends a silence before its time',
    ...ALERT_RESPONDERS,
    params: byId,
    body: ReasonGiven,
    response: Silence,
    status: 200,
  },
  'GET /api/v1/alert-rules': {
    summary: 'Rules with their settings and runbooks',
    roles: everyone,
    scope: 'none',
    response: AlertRuleList,
    status: 200,
  },
  'PATCH /api/v1/alert-rules/:id': {
    summary: 'Changes when a rule fires, how urgent it is, and who is told',
    ...FLEET_ADMINS,
    by: 'person',
    reauthenticate: true,
    params: z.strictObject({ id: z.enum(ALERT_RULE_IDS) }),
    body: AlertRuleChange,
    response: AlertRule,
    status: 200,
  },
} as const satisfies Record<string, RouteDefinition>
