import type { SlaSpec } from '../../contract/compliance-policy.ts'
import { DEFAULT_SLA } from './default-policy.ts'
import type { CveFacts, FleetAtMoment, HostAtMoment, OpenVerdict } from './fleet-at-moment.ts'
import { createHostJudge } from './judge-host.ts'
import type { FindingPeriod } from './open-since.ts'

export const dayAt = (day: string): number => Date.parse(`${day}T00:00:00Z`)

export const testCve = (id: string, change: Partial<CveFacts> = {}): CveFacts => ({
  ...{ id, severity: 'critical', publishedAt: dayAt('2026-01-01'), knownExploitedAt: null, ...change },
})

export const testVerdict = (cveId: string, change: Partial<OpenVerdict> = {}): OpenVerdict => ({
  ...{
    cveId,
    status: 'exposed',
    rule: 'vendor_affected',
    hasFix: true,
    fixAvailableAt: dayAt('2026-01-10'),
    ...change,
  },
})

export const testHost = (id: string, change: Partial<HostAtMoment> = {}): HostAtMoment => ({
  ...{ id, classId: 'class', name: id, origin: 'agent', labels: {}, release: '6.1.0', architecture: 'x86_64' },
  ...{ doubts: [], readAt: null },
  runs: [{ classId: 'class', from: dayAt('2026-01-01'), to: Number.POSITIVE_INFINITY }],
  ...change,
})

/** One class, whose verdicts have stood since its first day. */
export const testFleet = (
  change: Partial<Omit<FleetAtMoment, 'cves' | 'policy'>> & {
    readonly cves?: readonly CveFacts[]
    readonly verdicts?: readonly OpenVerdict[]
    readonly spec?: Partial<SlaSpec>
  } = {},
): FleetAtMoment => {
  const { cves = [testCve('CVE-2026-1')], verdicts = [testVerdict('CVE-2026-1')], spec = {}, ...rest } = change
  const stood: FindingPeriod = { finding: 'open', from: dayAt('2026-01-01'), to: Number.POSITIVE_INFINITY }
  const facts = { release: '6.1.0', installedKernels: [], livepatches: [] }
  return {
    ...{ at: dayAt('2026-02-01'), exceptions: [], fixes: [], hosts: [testHost('host')] },
    policy: { version: 1, spec: { ...DEFAULT_SLA, ...spec } },
    cves: new Map(cves.map((cve) => [cve.id, cve])),
    classes: new Map([['class', { id: 'class', facts, judged: true, verdicts }]]),
    findings: new Map([['class', new Map(verdicts.map(({ cveId }) => [cveId, [stood]]))]]),
    ...rest,
  }
}

export const judgeTestFleet = (fleet: FleetAtMoment) => fleet.hosts.map(createHostJudge(fleet))
