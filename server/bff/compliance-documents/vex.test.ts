// Goal: each thing that a CVE can be to a host is a statement that is valid by OpenVEX 0.2.0, and a doubt is told with it. Method: parts as
// they are read from the database, parsed by the schema that is written from the specification.
import { VexDocument, VexStatement } from '@rebootless/shared/contract/compliance-documents.ts'
import type { ExposureFacts } from '@rebootless/shared/contract/exposure.ts'
import { EXPOSURES, type ExposureRule, type VerdictStatus } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { expect, test } from 'vitest'
import type { ClassPart, HostOfFile } from './rows.ts'
import { kernelPurl, statementsOf, vexDocument } from './vex.ts'

const CVE = 'CVE-2026-0001'
const FACTS: ExposureFacts = {
  ...{
    release: '6.1.0-56-amd64',
    version: null,
    architecture: 'x86_64',
    operatingSystem: { id: 'debian', versionId: '12' },
  },
  ...{ effectiveKernel: null, livepatches: [], livepatchPackages: null, installedKernels: null },
}
const hostOf = (last: string, doubts: HostOfFile['doubts'] = []): HostOfFile => ({
  ...{
    id: `00000000-0000-4000-8000-00000000000${last}`,
    name: `web-${last}`,
    origin: 'agent',
    labels: {},
    doubts,
    readAt: null,
  },
})
const partOf = (
  status: VerdictStatus,
  rule: ExposureRule,
  {
    by = null,
    until = null,
    hosts = [hostOf('1')],
  }: { by?: string | null; until?: string | null; hosts?: HostOfFile[] } = {},
): ClassPart => ({
  ...{ facts: FACTS, hosts },
  verdicts: [
    {
      ...{ id: CVE, severity: 'high', score: null, acceptedUntil: () => until },
      verdict: { status, rule, by, why: 'So it is.', feed: null, document: null, fixAvailableOn: null },
    },
  ],
})
const ALL = new Set(EXPOSURES)
const statements = async function* (...parts: ClassPart[]) {
  yield* statementsOf(
    (async function* () {
      yield* parts
    })(),
    ALL,
  )
}
const said = async (part: ClassPart) => {
  const all: VexStatement[] = []
  for await (const statement of statements(part)) all.push(VexStatement.parse(statement))
  return all
}

const PRESENT = { status: 'not_affected', justification: 'vulnerable_code_not_present', status_notes: 'So it is.' }
const WORDS = { status: 'not_affected', impact_statement: 'So it is.' }
const UNTIL = '2027-01-01T00:00:00.000Z'
test.each([
  ['not_affected', 'configuration', {}, PRESENT],
  ['not_affected', 'architecture', {}, PRESENT],
  ['not_affected', 'never_affected', {}, PRESENT],
  ['not_affected', 'upstream_range', {}, PRESENT],
  ['not_affected', 'vendor_not_affected', {}, WORDS],
  ['not_affected', 'rejected', {}, WORDS],
  ['fixed_by_livepatch', 'livepatch_tool', {}, { status: 'fixed', status_notes: 'So it is.' }],
  ['fixed_by_kernel', 'vendor_fixed_version', {}, { status: 'fixed', status_notes: 'So it is.' }],
  ['unknown', 'vendor_silent', {}, { status: 'under_investigation', status_notes: 'So it is.' }],
  ['exposed', 'vendor_affected', {}, { status: 'affected', action_statement: 'No fix is known for this kernel.' }],
  ['exposed', 'vendor_fixed_version', { by: '6.1.99-1' }, { status: 'affected', action_statement: 'Take 6.1.99-1.' }],
  ['fixed_on_disk', 'vendor_fixed_version', {}, { action_statement: expect.stringMatching(/^Reboot: /) }],
  [
    'exposed',
    'vendor_affected',
    { until: UNTIL },
    { status: 'affected', status_notes: `So it is. Accepted until ${UNTIL}.` },
  ],
] as const)('%s by the rule %s is said as OpenVEX has it', async (status, rule, more, expected) => {
  const found = await said(partOf(status, rule, more))
  expect(found).toEqual([expect.objectContaining(expected)])
  expect(found[0]?.products).toEqual([
    {
      '@id': 'urn:uuid:00000000-0000-4000-8000-000000000001',
      subcomponents: [{ '@id': kernelPurl(FACTS), identifiers: { purl: kernelPurl(FACTS) } }],
    },
  ])
})

test('a host whose patch was forced is told apart, with what makes it less certain; hosts without a doubt share a statement', async () => {
  const forced = hostOf('2', [{ doubt: 'forced', why: 'livepatch_2 was forced.' }])
  const hosts = [hostOf('1'), forced, hostOf('3')]
  const found = await said(partOf('fixed_by_livepatch', 'livepatch_tool', { hosts }))
  expect(found.map(({ products, status_notes }) => [products.length, status_notes])).toEqual([
    [2, 'So it is.'],
    [1, 'So it is. Less certain: A transition was forced, so a task may still run the code without the fix.'],
  ])
})

test('the schema refuses what the specification does', async () => {
  const [valid] = await said(partOf('not_affected', 'configuration'))
  for (const wrong of [
    { justification: undefined },
    { impact_statement: 'and in words' },
    { status: 'affected' },
    { status: 'fixed' },
    { products: [] },
  ]) {
    expect(VexStatement.safeParse({ ...valid, ...wrong }).success, JSON.stringify(wrong)).toBe(false)
  }
})

test('T04 a document keeps control characters of hosts as escapes', async () => {
  const asked = { asOf: UNTIL, filter: '', scope: null, statuses: EXPOSURES, version: '1.0.0' }
  const parts = [
    partOf('exposed', 'vendor_affected', { by: 'kernel\u001b[2J' }),
    partOf('exposed', 'vendor_affected', { hosts: [] }),
    partOf('unknown', 'vendor_silent'),
  ]
  let text = ''
  for await (const chunk of vexDocument(asked, statements(...parts))) text += chunk
  expect(text).not.toContain('\u001b')
  const document = VexDocument.parse(JSON.parse(text))
  expect(document.statements.map(({ action_statement }) => action_statement)).toEqual([
    'Take kernel\\u{1b}[2J.',
    undefined,
  ])
})

test.each<[string | null, string | null, string, string, string]>([
  ['debian', '12', '6.1.0-56-amd64', 'x86_64', 'pkg:deb/debian/linux-image-6.1.0-56-amd64?arch=amd64&distro=debian-12'],
  [
    'debian',
    '12',
    '6.1.0-56-arm64',
    'aarch64',
    'pkg:deb/debian/linux-image-6.1.0-56-arm64?arch=arm64&distro=debian-12',
  ],
  ['debian', '12', '6.18.44-own', 'x86_64', 'pkg:generic/linux@6.18.44-own?arch=x86_64&distro=debian-12'],
  [
    'ubuntu',
    '22.04',
    '5.15.0-91-generic',
    'ppc64le',
    'pkg:deb/ubuntu/linux-image-5.15.0-91-generic?arch=ppc64el&distro=ubuntu-22.04',
  ],
  [
    'rhel',
    '9.0',
    '5.14.0-70.el9_0.x86_64',
    'x86_64',
    'pkg:rpm/rhel/kernel@5.14.0-70.el9_0?arch=x86_64&distro=rhel-9.0',
  ],
  [
    'ol',
    '9.4',
    '5.15.0-100.96.32.el9uek.x86_64',
    'x86_64',
    'pkg:rpm/ol/kernel-uek@5.15.0-100.96.32.el9uek?arch=x86_64&distro=ol-9.4',
  ],
  [
    'sles',
    '15.6',
    '6.4.0-150600.23.7-default',
    'x86_64',
    'pkg:rpm/sles/kernel-default@6.4.0-150600.23.7?arch=x86_64&distro=sles-15.6',
  ],
  [
    'opensuse-leap',
    '15.6',
    '6.4.0-150600.23.7-default',
    'aarch64',
    'pkg:rpm/opensuse-leap/kernel-default@6.4.0-150600.23.7?arch=aarch64&distro=opensuse-leap-15.6',
  ],
  [
    'fedora',
    '41',
    '6.12.1-200.fc41.x86_64',
    'x86_64',
    'pkg:rpm/fedora/kernel@6.12.1-200.fc41?arch=x86_64&distro=fedora-41',
  ],
  [null, null, '6.12.1', 'x86_64', 'pkg:generic/linux@6.12.1?arch=x86_64'],
])('the kernel of %s %s %s is named as its package is', (id, versionId, release, architecture, purl) => {
  expect(kernelPurl({ ...FACTS, release, architecture, operatingSystem: { id, versionId } })).toBe(purl)
})
