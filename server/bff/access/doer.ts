import type { AuditActor, AuditEntry } from '@rebootless/shared/contract/audit.ts'
import type { SignedIn } from '../http/call.ts'

/** Who does a thing, and by which request: a `Call` is one. */
export interface Doer {
  readonly actor: AuditActor
  readonly requestId: string | null
}

/** The program itself, at its start. */
export const SERVER: Doer = { actor: { kind: 'server', id: null, name: 'rebootless', address: null }, requestId: null }

interface Done {
  readonly action: string
  readonly target?: AuditEntry['target']
  readonly before?: AuditEntry['before']
  readonly after?: AuditEntry['after']
  readonly reason?: string | null
  /** Code of a refusal; left out: done. */
  readonly problem?: string
}

export const entryOf = ({ actor, requestId }: Doer, at: Date, done: Done): AuditEntry => ({
  at: at.toISOString(),
  actor,
  action: done.action,
  target: done.target ?? null,
  reason: done.reason ?? null,
  result: done.problem === undefined ? 'done' : 'refused',
  problem: done.problem ?? null,
  before: done.before ?? null,
  after: done.after ?? null,
  requestId,
})

export const userTarget = (user: { id: string; username: string }): NonNullable<AuditEntry['target']> => ({
  kind: 'user',
  id: user.id,
  name: user.username,
})

/** May see and end what belongs to others. */
export const isFleetAdmin = ({ role, scope }: Pick<SignedIn, 'role' | 'scope'>): boolean =>
  role === 'admin' && scope === null
