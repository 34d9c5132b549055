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

/** What a token of each role may do. A script cannot prove anew who it is, so it signs nothing and lets no person in. */
export const TOKEN_ROLE_ABOUT: Readonly<Record<Role, string>> = {
  viewer: ROLE_WORDS.viewer.about,
  operator: 'Sees, asks for changes that are not dangerous, and stops all changes. A person lets them go on.',
  approver: 'Does what an operator’s token does, and reads the audit log. It never signs: a person does, with a key.',
  admin: 'Does what an operator’s token does, reads the audit log, sees people and sessions, and makes join tokens.',
}
