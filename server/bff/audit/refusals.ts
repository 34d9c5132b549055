import type { AuditActor, AuditEntry } from '@rebootless/shared/contract/audit.ts'
import type { Audience } from '@rebootless/shared/contract/route.ts'
import type { RouteKey } from '@rebootless/shared/contract/routes.ts'
import type { ErrorCode } from '@rebootless/shared/domain/errors.ts'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { sourceOf } from '../access/sign-in-brake.ts'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { toDomainError } from '../problem-json.ts'
import { appendAudit } from './append-audit.ts'
import { RefusalBudget } from './refusal-budget.ts'
import { isWritten } from './written-refusals.ts'

/** A request that came to nothing. */
export interface Refusal {
  /** As the contract names it: `POST /api/v1/tokens`. */
  readonly route: string
  readonly roles: Audience
  readonly actor: AuditActor
  readonly requestId: string
  readonly error: unknown
}

export interface Refusals {
  /** Writes it, or counts it; never rejects, since the refusal stands either way. */
  note(refusal: Refusal): Promise<void>
  /** Writes what was only counted. */
  flush(): Promise<void>
}

/** Asking for what one may not, or coming in by what is none of one's own: told of reads, too. */
const DENIED: readonly ErrorCode[] = ['not_authorised', 'origin_refused', 'sign_in_refused']

/** Acts on nothing, and pages send it by themselves: after signing out too. */
const TELLS_OF_CLICKS: RouteKey = 'POST /api/v1/click-spans'

/**
 * What is worth an entry: being denied, whatever was asked; and on a route that acts, whatever stood in the way of somebody
 * who may use it, a failure of ours too. A stranger without a session only reads the sign-in page, so his reads are none.
 */
const codeWorthAnEntry = ({ route, roles, actor, error }: Refusal): ErrorCode | undefined => {
  if (route === TELLS_OF_CLICKS) return undefined
  const code = toDomainError(error)?.code ?? 'internal'
  // Of attempts too many, access/guesses.ts writes the first.
  if (isWritten(error) || code === 'too_many_attempts') return undefined
  if (DENIED.includes(code)) return code
  const acts = !route.startsWith('GET ')
  if (!acts || roles === 'anyone') return undefined
  return actor.id !== null || code === 'not_signed_in' ? code : undefined
}

const OURS: readonly ErrorCode[] = ['internal', 'not_ready']

export const createRefusals = (database: Kysely<DatabaseSchema>, clock: Clock, log: Pick<Logger, 'warn'>): Refusals => {
  const budget = new RefusalBudget<{ refusal: Refusal; code: ErrorCode }>()

  const write = async (entry: Omit<AuditEntry, 'at' | 'action' | 'reason' | 'before'>): Promise<void> => {
    try {
      await database.transaction().execute((transaction) =>
        appendAudit(transaction, {
          ...{ at: clock.now().toISOString(), action: 'request.refuse', reason: null, before: null },
          ...entry,
        }),
      )
    } catch (error) {
      log.warn({ err: error, problem: entry.problem }, 'a refusal could not be written to the audit log')
    }
  }
  const entryOf = ({ refusal: { actor, route, requestId }, code }: { refusal: Refusal; code: ErrorCode }) => ({
    actor,
    target: { kind: 'route', id: route, name: null },
    result: OURS.includes(code) ? ('failed' as const) : ('refused' as const),
    problem: code,
    requestId,
  })

  return {
    async note(refusal) {
      const code = codeWorthAnEntry(refusal)
      if (code === undefined) return
      const { actor, route } = refusal
      const who = actor.id ?? sourceOf(actor.address ?? '')
      if (!budget.take(`${who} ${route} ${code}`, { refusal, code }, performance.now())) return
      await write({ ...entryOf({ refusal, code }), after: null })
    },
    async flush() {
      for (const { last, count } of budget.drain()) {
        const after = { repeated: count }
        if (last !== null) await write({ ...entryOf(last), after })
        else {
          const actor = { kind: 'server', id: null, name: 'rebootless', address: null } as const
          await write({ actor, target: null, result: 'refused', problem: null, requestId: null, after })
        }
      }
    },
  }
}
