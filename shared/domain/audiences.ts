import type { Role } from './words.ts'

/**
 * Who may use a group of routes that belong to one page. The contract's routes take it from here, and so do the pages,
 * which must not carry all of the contract to know where somebody may go.
 */
export interface AudienceOfPage {
  readonly roles: readonly Role[]
  readonly scope: 'whole fleet' | 'none'
}

/** People, single sign-on, enrolment. */
export const FLEET_ADMINS = { roles: ['admin'], scope: 'whole fleet' } as const satisfies AudienceOfPage

/** Who may act on the whole fleet may see what others did to it; whoever only operates sees his own hosts. */
export const AUDITORS = { roles: ['approver', 'admin'], scope: 'whole fleet' } as const satisfies AudienceOfPage

/** Who acts on alerts; to silence takes the whole fleet, since a cause has hosts anywhere. */
export const ALERT_RESPONDERS = {
  roles: ['operator', 'approver', 'admin'],
  scope: 'whole fleet',
} as const satisfies AudienceOfPage

/** An approver's own keys, or all for an admin. */
export const KEY_READERS = { roles: ['approver', 'admin'], scope: 'none' } as const satisfies AudienceOfPage

/** Whether somebody is among them, as the server decides it of a route. */
export const isAmong = (
  who: { readonly role: Role; readonly scope: string | null } | undefined,
  { roles, scope }: AudienceOfPage,
): boolean => who !== undefined && roles.includes(who.role) && (scope === 'none' || who.scope === null)
