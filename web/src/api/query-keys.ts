import type { HostListQuery } from '@rebootless/shared/contract/host.ts'

/** What a list of hosts is asked for; the cursor is not part of it. */
export type HostListAsked = Pick<HostListQuery, 'sort'> & { filter: string }

/** The cache's addresses, in one place, because the event stream patches what the pages fetched. */
export const queryKeys = {
  session: ['session'],
  signInWays: ['sign-in-ways'],
  singleSignOn: ['single-sign-on'],
  /** Of one user, or of whoever asks. */
  sessions: (user?: string) => (user === undefined ? ['sessions'] : ['sessions', user]),
  users: ['users'],
  apiTokens: ['api-tokens'],
  fleetSummary: ['fleet', 'summary'],
  fleetCells: ['fleet', 'cells'],
  hostLists: ['host-lists'],
  hostList: (asked: HostListAsked) => ['host-lists', asked],
  host: (id: string) => ['hosts', id],
  hostFacts: (id: string) => ['hosts', id, 'facts'],
  hostTransition: (id: string) => ['hosts', id, 'transition'],
  hostRedirections: (id: string) => ['hosts', id, 'redirections'],
  hostRaw: (id: string) => ['hosts', id, 'raw'],
  hostIdentity: (id: string) => ['hosts', id, 'identity'],
  enrolmentFacts: ['enrolment'],
  joinTokens: ['enrolment', 'tokens'],
  waitingRoom: ['enrolment', 'waiting-room'],
  authorities: ['enrolment', 'authorities'],
  hostActions: (id: string) => ['hosts', id, 'actions'],
  /** Of all hosts: a list asks under it. */
  commands: ['commands'],
  commandsOf: (asked: { host: string } | { authorisation: string }) => ['commands', asked],
  authorisations: ['authorisations'],
  authorisationList: (state: string | undefined) => ['authorisations', 'list', state ?? 'all'],
  authorisation: (id: string) => ['authorisations', 'one', id],
  approverKeys: ['approver-keys'],
  /** Of the whole catalogue: all below ask under it. */
  patches: ['patches'],
  publisherKeys: ['patches', 'publisher-keys'],
  patchFiles: ['patches', 'files'],
  patchLists: ['patches', 'lists'],
  patch: (id: string) => ['patches', 'one', id],
  rollouts: ['rollouts'],
  rolloutLists: ['rollouts', 'lists'],
  rollout: (id: string) => ['rollouts', 'one', id],
  rolloutHosts: (id: string) => ['rollouts', 'one', id, 'hosts'],
  rolloutDecisions: (id: string) => ['rollouts', 'one', id, 'decisions'],
  rolloutTransition: (id: string, wave: number | null) => ['rollouts', 'one', id, 'transition', wave],
  rolloutApprovals: (id: string) => ['rollouts', 'one', id, 'approvals'],
  dryRun: (id: string) => ['dry-runs', id],
  rolloutTemplates: ['rollout-templates'],
  rolloutPolicies: ['rollout-policies'],
  channels: ['channels'],
  channelDeliveries: (channel: string) => ['channels', channel, 'deliveries'],
  freeze: ['freeze'],
  auditList: (asked: object) => ['audit', 'list', asked],
  auditNewest: (asked: object) => ['audit', 'newest', asked],
  auditEntry: (sequence: number) => ['audit', 'entry', sequence],
} as const
