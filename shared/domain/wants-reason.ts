import type { Role } from './words.ts'

/** What gives power over people, or takes somebody out, is done for a reason that the audit log keeps. */
export const wantsReason = ({
  role,
  disabled,
}: {
  readonly role?: Role | undefined
  readonly disabled?: boolean | undefined
}): boolean => role === 'admin' || disabled === true
