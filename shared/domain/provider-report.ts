import type { ProviderReport } from '../contract/provider.ts'
import type { ProviderName } from './words.ts'

/** What a provider found; what it leaves out is not known. */
export type ProviderFindings = Partial<Omit<ProviderReport, 'name' | 'present'>> & Pick<ProviderReport, 'detail'>

/** A report on a system that is there. */
export const providerReport = (name: ProviderName, findings: ProviderFindings): ProviderReport => ({
  ...unknownReport,
  ...findings,
  name,
  present: true,
})

/** A report on a system that was looked for and is not there. */
export const absentProvider = (name: ProviderName, detail: string): ProviderReport => ({
  ...unknownReport,
  name,
  present: false,
  detail,
})

/** A report as it was stored: an agent before the contract had a field did not tell of it. */
export const completeReport = (
  stored: Partial<ProviderReport> & Pick<ProviderReport, 'name' | 'present' | 'detail'>,
): ProviderReport => ({ ...unknownReport, ...stored })

const unknownReport: Omit<ProviderReport, 'name' | 'present' | 'detail'> = {
  ...{ version: null, active: null, effectiveKernel: null, coverage: 'unknown', coverageUntil: null },
  ...{ access: 'unknown', accessDetail: null, patches: null, steps: null, behind: null, inProgress: null },
  ...{ reboot: 'unknown', rebootReason: null, blockers: [], since: null, checkedAt: null, settings: [], troubles: [] },
}
