import type { ExposureFacts } from '../../contract/exposure.ts'
import type {
  CveKnowledge,
  CveStatement,
  CveStatementOf,
  KnownNotice,
  LivepatchNotice,
  Provenance,
} from '../../contract/vulnerabilities.ts'

export const testFacts = (parts: Partial<ExposureFacts> = {}): ExposureFacts => ({
  ...{ release: '6.6.20', version: null, architecture: 'x86_64', operatingSystem: { id: null, versionId: null } },
  ...{ effectiveKernel: null, livepatches: [], livepatchPackages: null, installedKernels: null },
  ...parts,
})

export const testEffective = (
  name: string,
  parts: Partial<ExposureFacts['livepatches'][number]> = {},
): ExposureFacts['livepatches'][number] => ({
  ...{ name, provider: 'livepatch', version: null, cves: [], catalogueCves: [] },
  ...parts,
})

export const testSource = (feed: string, document = feed): Provenance => ({
  ...{ feed, document, kind: 'rebootless', publishedOn: null, readAt: '2026-01-01T00:00:00.000Z' },
})

export const testKnowledge = (
  id: string,
  ...statements: (CveStatement | [CveStatement, Provenance])[]
): CveKnowledge => ({
  id,
  statements: statements.map((said) =>
    Array.isArray(said) ? { statement: said[0], from: said[1] } : { statement: said, from: testSource('test') },
  ),
})

export const testVendor = (
  product: string,
  name: string,
  status: CveStatementOf<'vendor'>['status'],
  parts: Partial<CveStatementOf<'vendor'>> = {},
): CveStatement => ({
  ...{ kind: 'vendor', product, package: name, status, fixedVersion: null, reason: null, advisory: null },
  availableOn: null,
  ...parts,
})

/** `6.5:6.6.17`, as in a `.dyad` file; `0` for what is not known, or never came. */
export const testPairs = (...pairs: string[]): CveStatement => ({
  ...{ kind: 'upstream_pairs', fixCommits: [] },
  pairs: pairs.map((pair) => {
    const [introduced = '0', fixed = '0'] = pair.split(':')
    return { introduced: introduced === '0' ? null : introduced, fixed: fixed === '0' ? null : fixed }
  }),
})

export const testRecord = (parts: Partial<CveStatementOf<'record'>> = {}): CveStatement => ({
  ...{ kind: 'record', title: null, description: null, publishedOn: null, scores: [], files: [], rejected: false },
  ...parts,
})

export const testNotice = (
  system: LivepatchNotice['system'],
  notice: string,
  parts: Partial<LivepatchNotice> = {},
): KnownNotice => ({
  notice: {
    ...{ notice, system, publishedOn: null, kernels: [], oldestKernels: [], packages: [], moduleVersion: null },
    ...{ cves: [], functions: [] },
    ...parts,
  },
  from: testSource('notices', notice),
})
