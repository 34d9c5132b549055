import type { ScopeRule } from '@rebootless/shared/contract/route.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { type HostScope, hostNotFound, hostScopeOf } from '../hosts/host-scope.ts'
import type { SignedIn } from './call.ts'

export type HostInScope = (scope: HostScope, hostId: string) => Promise<boolean>

/**
 * The scope with which a route is used; without it a handler cannot ask for hosts (T06, T07).
 * @returns null with the rule `none`: such a route touches no host
 * @throws DomainError `not_authorised` where a scope meets a route of the whole fleet
 */
export const requireScope = (rule: ScopeRule, signedIn: SignedIn | null): HostScope | null => {
  if (rule === 'none') return null
  // A route of hosts for anyone does not mount.
  if (signedIn === null) throw new Error('a scope is of somebody')
  const scope = hostScopeOf(signedIn)
  if (rule === 'whole fleet' && scope.text !== null) {
    throw new DomainError(
      'not_authorised',
      `This concerns the whole fleet, and ${signedIn.username} has the hosts of ${scope.text} alone.`,
    )
  }
  return scope
}

/**
 * Whether the host that a path names may be known to exist; asked before the handler, so that it cannot forget.
 * @throws DomainError `host_not_found`
 */
export const requireHost = async (
  rule: ScopeRule,
  scope: HostScope | null,
  params: unknown,
  hostInScope: HostInScope,
): Promise<void> => {
  if (rule !== 'host' || scope === null || scope.text === null) return
  const { id } = params as { id: string }
  if (!(await hostInScope(scope, id))) throw hostNotFound()
}
