import type { Role } from '@rebootless/shared/domain/words.ts'

/** What each role may do, a line each. */
export const ROLE_WORDS: Readonly<Record<Role, { word: string; about: string }>> = {
  viewer: { word: 'Viewer', about: 'Sees hosts, patches and what is done to them. Changes nothing.' },
  operator: { word: 'Operator', about: 'Sees, asks for changes, and stops all changes.' },
  approver: {
    word: 'Approver',
    about: 'Does what an operator does, signs what others ask for, and reads the audit log.',
  },
  admin: {
    word: 'Admin',
    about: 'Does what an operator does, lets people and hosts in, and reads the audit log. Signs nothing.',
  },
}
