import { AUDITORS, type AudienceOfPage, FLEET_ADMINS } from '@rebootless/shared/domain/audiences.ts'

interface SettingsSection {
  readonly to: `/settings/${'account' | 'people' | 'tokens' | 'single-sign-on' | 'enrolment' | 'channels' | 'cve-feeds'}`
  readonly word: string
  readonly about: string
  /** Left out: everybody. */
  readonly audience?: AudienceOfPage
}

/** The sections of Settings that exist, in the order of their tabs; the palette finds them too. */
export const SETTINGS_SECTIONS: readonly SettingsSection[] = [
  {
    to: '/settings/account',
    word: 'Your account',
    about: 'Password, second factor, where you are signed in',
  },
  {
    to: '/settings/people',
    word: 'People',
    about: 'Who may do what, and on which hosts',
    audience: FLEET_ADMINS,
  },
  { to: '/settings/tokens', word: 'API tokens', about: 'What scripts sign in with' },
  {
    to: '/settings/single-sign-on',
    word: 'Single sign-on',
    about: 'Signing in by an identity provider',
    audience: FLEET_ADMINS,
  },
  {
    to: '/settings/enrolment',
    word: 'Enrolment',
    about: 'Join tokens, hosts that wait, the certificate authority',
    audience: FLEET_ADMINS,
  },
  {
    to: '/settings/channels',
    word: 'Notification channels',
    about: 'Where events are sent: webhooks, annotations in Grafana',
    audience: FLEET_ADMINS,
  },
  {
    to: '/settings/cve-feeds',
    word: 'CVE feeds',
    about: 'From where vulnerabilities and their fixes are known',
    audience: AUDITORS,
  },
]
