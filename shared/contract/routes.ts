import { alertRoutes } from './routes/alerts.ts'
import { auditRoutes } from './routes/audit.ts'
import { channelRoutes } from './routes/channels.ts'
import { clickSpanRoutes } from './routes/click-spans.ts'
import { commandRoutes } from './routes/commands.ts'
import { complianceRoutes } from './routes/compliance.ts'
import { complianceDocumentRoutes } from './routes/compliance-documents.ts'
import { cveFeedRoutes } from './routes/cve-feeds.ts'
import { cveRoutes } from './routes/cves.ts'
import { dryRunRoutes } from './routes/dry-runs.ts'
import { enrolmentRoutes } from './routes/enrolment.ts'
import { eventRoutes } from './routes/events.ts'
import { exposureChangeRoutes } from './routes/exposure-change.ts'
import { fleetRoutes } from './routes/fleet.ts'
import { hostRoutes } from './routes/hosts.ts'
import { patchRoutes } from './routes/patches.ts'
import { peopleRoutes } from './routes/people.ts'
import { pushSubscriptionRoutes } from './routes/push-subscriptions.ts'
import { rebootDebtRoutes } from './routes/reboot-debt.ts'
import { reportRoutes } from './routes/reports.ts'
import { rolloutPolicyRoutes } from './routes/rollout-policies.ts'
import { rolloutTemplateRoutes } from './routes/rollout-templates.ts'
import { rolloutRoutes } from './routes/rollouts.ts'
import { sessionRoutes } from './routes/session.ts'
import { tokenRoutes } from './routes/tokens.ts'

/**
 * The API, once: Express mounts and validates from it, OpenAPI is written from it, the browser's client takes its
 * types from it, and the authorisation test is generated from it. A file of routes/ for each subject.
 */
export const routes = {
  ...sessionRoutes,
  ...peopleRoutes,
  ...tokenRoutes,
  ...fleetRoutes,
  ...complianceRoutes,
  ...complianceDocumentRoutes,
  ...hostRoutes,
  ...enrolmentRoutes,
  ...eventRoutes,
  ...auditRoutes,
  ...commandRoutes,
  ...patchRoutes,
  ...rolloutRoutes,
  ...dryRunRoutes,
  ...exposureChangeRoutes,
  ...rolloutTemplateRoutes,
  ...rolloutPolicyRoutes,
  ...channelRoutes,
  ...rebootDebtRoutes,
  ...reportRoutes,
  ...alertRoutes,
  ...pushSubscriptionRoutes,
  ...cveFeedRoutes,
  ...cveRoutes,
  ...clickSpanRoutes,
}

export type Routes = typeof routes
export type RouteKey = keyof Routes
