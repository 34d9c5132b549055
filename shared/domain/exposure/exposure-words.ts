/** The closed lists of words of vulnerabilities and exposure. Plain data, as in words.ts. */

/** Formats in which facts of vulnerabilities come. */
export const FEED_KINDS = [
  /** Records in CVE JSON 5, of the kernel's CNA (vulns.git, with or without its .dyad files) or of cvelistV5. */
  'cve_json',
  /** OSV, as Debian and Ubuntu publish it. */
  'osv',
  /** CSAF 2.0: VEX files of Red Hat, advisories and VEX of SUSE. */
  'csaf',
  /** OpenVEX, as Ubuntu publishes it. */
  'openvex',
  /** The JSON export of Debian's security tracker. */
  'debian_tracker',
  /** Red Hat's Security Data API, one JSON a CVE. */
  'redhat_api',
  /** Ubuntu's notices of its livepatches (LSN). */
  'ubuntu_lsn',
  /** CISA's catalogue of known exploited vulnerabilities. */
  'kev',
  /** FIRST's exploit prediction scores. */
  'epss',
  /** Facts in a form of our own: what ships with Rebootless, or an export of another one. */
  'rebootless',
] as const
export type FeedKind = (typeof FEED_KINDS)[number]

/** CVSS v3.1, section 5, "Qualitative Severity Rating Scale"; `unknown`: nobody has scored it. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'unknown'] as const
export type Severity = (typeof SEVERITIES)[number]

/** What a vendor says of one package in one product. Words of their own are brought to these by each reader. */
export const VENDOR_STATUSES = ['fixed', 'affected', 'not_affected', 'under_investigation'] as const
export type VendorStatus = (typeof VENDOR_STATUSES)[number]

/**
 * What one CVE is to one host, worst first. `accepted` is `exposed` for which somebody took the responsibility until a date.
 * `unknown` is never safe.
 */
export const EXPOSURES = [
  'exposed',
  'unknown',
  'accepted',
  'fixed_on_disk',
  'fixed_by_livepatch',
  'fixed_by_kernel',
  'not_affected',
] as const
export type Exposure = (typeof EXPOSURES)[number]

/** Before what people accepted is looked at. */
export const VERDICTS = EXPOSURES.filter((word): word is Exclude<Exposure, 'accepted'> => word !== 'accepted')
export type VerdictStatus = Exclude<Exposure, 'accepted'>

/** By which rule a verdict was reached; its words are in exposure-sentences.ts. */
export const EXPOSURE_RULES = [
  'livepatch_notice',
  'livepatch_tool',
  'livepatch_catalogue',
  'effective_kernel',
  'vendor_fixed_version',
  'vendor_affected',
  'vendor_not_affected',
  'vendor_undecided',
  'vendor_silent',
  'upstream_range',
  'upstream_hint',
  'never_affected',
  'configuration',
  'architecture',
  'rejected',
  'nothing_known',
] as const
export type ExposureRule = (typeof EXPOSURE_RULES)[number]

/** Why a verdict over a host is less certain than its rule. */
export const DOUBTS = ['offline', 'stale', 'forced', 'drifted', 'in_transition', 'disagreement', 'unread'] as const
export type Doubt = (typeof DOUBTS)[number]
