import type { Verdict } from '../../contract/exposure.ts'
import type { PreparedClass } from './judge.ts'

/**
 * Whether what is exposed is fixed by a kernel and by no livepatch that is published for the one that runs: then only another
 * kernel, and with it a boot, fixes it. A CVE that nobody has fixed is none of these: a boot brings nothing.
 */
export const isFixedByKernelAlone = (
  { notices }: Pick<PreparedClass, 'notices'>,
  cveId: string,
  { status, rule, by }: Pick<Verdict, 'status' | 'rule' | 'by'>,
): boolean =>
  status === 'exposed' &&
  by !== null &&
  (rule === 'vendor_fixed_version' || rule === 'upstream_range') &&
  !notices.offered.has(cveId)
