/** The sections of Settings that exist, in the order of their tabs; the palette finds them too. */
export const SETTINGS_SECTIONS = [
  {
    to: '/settings/account',
    word: 'Your account',
    about: 'Password, second factor, where you are signed in',
  },
  { to: '/settings/people', word: 'People', about: 'Who may do what, and on which hosts' },
  { to: '/settings/tokens', word: 'API tokens', about: 'What scripts sign in with' },
  { to: '/settings/single-sign-on', word: 'Single sign-on', about: 'Signing in by an identity provider' },
  { to: '/settings/enrolment', word: 'Enrolment', about: 'Join tokens, hosts that wait, the certificate authority' },
] as const
