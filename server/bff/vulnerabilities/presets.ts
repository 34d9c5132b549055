import type { FeedPreset } from '@rebootless/shared/contract/cve-feeds.ts'

const DAY_MINUTES = 24 * 60

/** Public feeds that are one file or archive each; addresses as their publishers document them. Feeds of many files: docs/vulnerabilities.md. */
export const FEED_PRESETS: readonly FeedPreset[] = [
  {
    name: 'Kernel CVEs',
    kind: 'cve_json',
    location: 'https://git.kernel.org/pub/scm/linux/security/vulns.git/snapshot/vulns-master.tar.gz',
    everyMinutes: DAY_MINUTES,
    about: 'The kernel project’s own records, with the releases that each CVE is in. An archive of vulns.git.',
  },
  {
    name: 'CISA KEV',
    kind: 'kev',
    location: 'https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json',
    everyMinutes: 6 * 60,
    about: 'Vulnerabilities that are known to be exploited. CC0.',
  },
  {
    name: 'EPSS',
    kind: 'epss',
    location: 'https://epss.empiricalsecurity.com/epss_scores-{yesterday}.csv.gz',
    everyMinutes: DAY_MINUTES,
    about: 'How likely an exploit is within 30 days, by FIRST. Free, with attribution.',
  },
  {
    name: 'Debian security tracker',
    kind: 'debian_tracker',
    location: 'https://security-tracker.debian.org/tracker/data/json',
    everyMinutes: DAY_MINUTES,
    about: 'Which version of Debian’s kernel has which fix. Some 70 MB.',
  },
]
