import type { ScopeRule } from '@rebootless/shared/contract/route.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { type HostScope, hostNotFound, hostScopeOf } from '../hosts/host-scope.ts'
import type { SignedIn } from './call.ts'

export type HostInScope = (scope: HostScope, hostId: string) => Promise<boolean>

/**
 * Holds a route's rule of scope, in the one place that all routes pass (T06, T07). What `hosts` leaves to the handler, it
 * can only do with the scope that this gives.
 * @returns null with the rule `none`: such a route touches no host
 * @throws DomainError `not_authorised`, `host_not_found`
 */
export const requireScope = async (
  rule: ScopeRule,
  signedIn: SignedIn | null,
  params: unknown,
  hostInScope: HostInScope,
): Promise<HostScope | null> => {
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
  if (rule === 'host' && scope.text !== null) {
    const { id } = params as { id: string }
    if (!(await hostInScope(scope, id))) throw hostNotFound()
  }
  return scope
}
