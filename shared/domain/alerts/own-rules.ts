import type { AlertRuleDefinition } from './alert-rules.ts'
import { defaults } from './rule-defaults.ts'

/** How Rebootless itself fares. */
export const OWN_RULES = {
  'disk-full': {
    title: 'Disk nearly full',
    about: 'So little of a disk that this server writes to is free.',
    thresholdUnit: 'per cent free',
    defaults: defaults('page', 60, { threshold: 10 }),
    find: ({ disks }, { settings, now }) =>
      disks
        .filter(
          ({ freeBytes, sizeBytes }) => sizeBytes > 0 && (freeBytes / sizeBytes) * 100 < (settings.threshold ?? 0),
        )
        .map(({ name }) => ({
          ...{ hostId: null, since: now, cause: name, title: `The disk of ${name} is nearly full` },
          detail: 'When it is full, nothing that hosts say can be kept, and no alert either.',
          path: '/settings',
        })),
  },
  'database-trouble': {
    title: 'Database in trouble',
    about: 'The database does not serve, or did not for a while.',
    thresholdUnit: null,
    defaults: defaults('page', 0),
    find: ({ database }) =>
      database === null
        ? []
        : [
            {
              ...{ hostId: null, since: database.since, cause: 'database', title: 'The database is in trouble' },
              ...{ detail: database.sentence, path: '/settings' },
            },
          ],
  },
  'feed-failing': {
    title: 'CVE feed failing',
    about: 'A feed of CVEs could not be read for so many hours.',
    thresholdUnit: 'hours',
    defaults: defaults('ticket', 0, { threshold: 24 }),
    find: ({ feeds }, { settings, now }) =>
      feeds
        .filter(({ since }) => now - since >= (settings.threshold ?? 0) * 3_600_000)
        .map(({ id, name, detail, since }) => ({
          ...{ hostId: null, since, cause: id, title: `The feed ${name} cannot be read` },
          detail: detail === '' ? 'What is known of CVEs is as old as its last reading.' : detail,
          path: '/settings/cve-feeds',
        })),
  },
  'channel-dead-letters': {
    title: 'Channel with dead letters',
    about: 'A channel, or somebody’s browser, gave up messages within a day, or a channel was turned off by itself.',
    thresholdUnit: 'messages',
    defaults: defaults('ticket', 0, { threshold: 0 }),
    find: ({ channels }, { settings }) =>
      channels
        .filter(({ dead, offBecause }) => dead > (settings.threshold ?? 0) || offBecause !== null)
        .map(({ id, name, owner, offBecause, since }) =>
          owner === null
            ? {
                ...{ hostId: null, since, cause: id, title: `The channel ${name} does not deliver` },
                detail:
                  offBecause ?? 'Messages were given up and are kept: send them again once the receiver is mended.',
                path: '/settings/channels',
              }
            : {
                ...{ hostId: null, since, cause: id, title: `${owner} gets no notifications in the browser ${name}` },
                detail: `Its push service refuses them. Only ${owner} can turn them off there and on again, in Settings, Your account.`,
                path: '/settings/account',
              },
        ),
  },
  'backend-lag': {
    title: 'This server is behind',
    about: 'This server’s own work had to wait for so long.',
    thresholdUnit: 'milliseconds',
    defaults: defaults('ticket', 300, { threshold: 1000 }),
    find: ({ lagMs }, { settings, now }) =>
      lagMs <= (settings.threshold ?? Number.POSITIVE_INFINITY)
        ? []
        : [
            {
              ...{ hostId: null, since: now, cause: 'lag', title: 'This server is behind' },
              ...{ detail: 'Pages, agents and alerts wait for it: it has more to do than its processor allows.' },
              path: '/settings',
            },
          ],
  },
} as const satisfies Record<string, AlertRuleDefinition>
