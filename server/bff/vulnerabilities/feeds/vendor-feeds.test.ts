// Goal: what distributions and vendors say is read as they mean it, traps included. Method: small documents written by hand after real
// ones (Debian's and Ubuntu's OSV, Red Hat's VEX and Security Data API, SUSE's CSAF, Ubuntu's OpenVEX and LSN, Debian's tracker).
import { describe, expect, test } from 'vitest'
import { DOCUMENTS, readText, vendorWords } from './test-documents.ts'

describe('OSV', () => {
  test('of Debian: a fix below upstream’s number counts; without a fix it is open; other packages are left out', () => {
    const read = readText('osv', DOCUMENTS.osv)
    expect(vendorWords(read)).toEqual([
      'CVE-2022-0847 debian:11 linux fixed | 5.10.92-2',
      'CVE-2022-0847 debian:12 linux affected',
    ])
    expect(read.statements.at(-1)).toMatchObject({ publishedOn: '2022-03-10', statement: { scores: [{ score: 7.8 }] } })
  })
  test('what came again after a fix is open, and what was withdrawn is not said', () => {
    const again = structuredClone(DOCUMENTS.osv) as unknown as {
      withdrawn?: string
      affected: { ranges: { events: object[] }[] }[]
    }
    again.affected[0]?.ranges[0]?.events.push({ introduced: '5.10.100-1' })
    expect(vendorWords(readText('osv', again))[0]).toBe(
      'CVE-2022-0847 debian:11 linux affected | affected since 5.10.100-1',
    )
    again.withdrawn = '2024-01-01T00:00:00Z'
    expect(readText('osv', again).statements).toEqual([])
  })
  test('of Ubuntu: one source package a flavour, and notices for each of their CVEs', () => {
    const usn = {
      ...{ id: 'USN-6766-1', published: '2024-05-07T10:00:00Z', upstream: ['UBUNTU-CVE-2024-26581', 'CVE-2024-26582'] },
      affected: ['linux', 'linux-aws', 'linux-firmware', 'linux-meta-aws'].map((name) => ({
        package: { ecosystem: 'Ubuntu:Pro:18.04:LTS', name },
        ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '4.15.0-226.238' }] }],
      })),
    }
    expect(vendorWords(readText('osv', usn))).toEqual([
      'CVE-2024-26581 ubuntu-pro:18.04 linux fixed | 4.15.0-226.238 | USN-6766-1 | 2024-05-07',
      'CVE-2024-26582 ubuntu-pro:18.04 linux fixed | 4.15.0-226.238 | USN-6766-1 | 2024-05-07',
      'CVE-2024-26581 ubuntu-pro:18.04 linux-aws fixed | 4.15.0-226.238 | USN-6766-1 | 2024-05-07',
      'CVE-2024-26582 ubuntu-pro:18.04 linux-aws fixed | 4.15.0-226.238 | USN-6766-1 | 2024-05-07',
    ])
  })
})

describe('CSAF', () => {
  test('of Red Hat, the form of 2026: a minor release as it came is not what is newest; once for all architectures', () => {
    expect(vendorWords(readText('csaf', DOCUMENTS.vexFeed))).toEqual([
      'CVE-2023-6238 rhel:8.6-eus kernel fixed | 0:4.18.0-372.9.1.el8_6 | RHSA-2022:1988 | 2022-05-10',
      'CVE-2023-6238 rhel:9.4 kernel affected | Will not fix',
      'CVE-2023-6238 rhel:9 kernel not_affected | vulnerable_code_not_present',
      'CVE-2023-6238 rhel:8 kernel not_affected | vulnerable_code_not_present',
    ])
  })

  test('of Red Hat, the older form: nested by family, fixed by architecture; kpatch’s packages are notices', () => {
    const older = {
      document: DOCUMENTS.vexFeed.document,
      product_tree: {
        branches: [
          {
            branches: [
              {
                branches: [
                  {
                    product: {
                      product_id: 'BaseOS-9.2.0.Z.EUS',
                      product_identification_helper: { cpe: 'cpe:/o:redhat:rhel_eus:9.2::baseos' },
                    },
                  },
                ],
              },
            ],
          },
        ],
        relationships: ['kernel-0:5.14.0-284.11.1.el9_2.x86_64', 'kpatch-patch-5_14_0-284_11_1-0:1-2.el9_2.x86_64'].map(
          (component) => ({
            ...{ product_reference: component, relates_to_product_reference: 'BaseOS-9.2.0.Z.EUS' },
            full_product_name: { product_id: `BaseOS-9.2.0.Z.EUS:${component}` },
          }),
        ),
      },
      vulnerabilities: [
        {
          cve: 'CVE-2023-32233',
          product_status: {
            fixed: [
              'BaseOS-9.2.0.Z.EUS:kernel-0:5.14.0-284.11.1.el9_2.x86_64',
              'BaseOS-9.2.0.Z.EUS:kpatch-patch-5_14_0-284_11_1-0:1-2.el9_2.x86_64',
            ],
          },
          remediations: [
            {
              ...{
                category: 'vendor_fix',
                url: 'https://access.redhat.com/errata/RHSA-2023:3705',
                date: '2023-06-21T00:00:00Z',
              },
              product_ids: ['BaseOS-9.2.0.Z.EUS:kpatch-patch-5_14_0-284_11_1-0:1-2.el9_2.x86_64'],
            },
          ],
        },
      ],
    }
    const read = readText('csaf', older)
    expect(vendorWords(read)).toEqual(['CVE-2023-32233 rhel:9.2-eus kernel fixed | 0:5.14.0-284.11.1.el9_2'])
    expect(read.notices).toMatchObject([
      {
        publishedOn: '2023-06-21',
        notice: { notice: 'RHSA-2023:3705', system: 'kpatch', kernels: ['5.14.0-284.11.1'], cves: ['CVE-2023-32233'] },
      },
    ])
  })

  test('of SUSE: recommended is fixed, in the module’s product; livepatches are notices, but not the empty first', () => {
    const read = readText('csaf', DOCUMENTS.suse)
    expect(vendorWords(read)).toEqual([
      'CVE-2023-6932 sles:15.5 kernel-default fixed | 5.14.21-150500.55.52.1 | SUSE-SU-2024:0429-1 | 2024-02-08',
      'CVE-2023-6932 sles:15.4-ltss kernel-default fixed | 5.14.21-150400.24.111.1 | SUSE-SU-2024:0429-1 | 2024-02-08',
    ])
    expect(read.notices.map(({ notice }) => notice)).toEqual([
      {
        ...{ notice: 'SUSE-SU-2024:0429-1', system: 'klp', publishedOn: '2024-02-08', moduleVersion: null },
        ...{ kernels: ['5.14.21-150400.24.100-default'], oldestKernels: [], functions: [] },
        ...{ packages: ['kernel-livepatch-5_14_21-150400_24_100-default-2-150400.2.1'], cves: ['CVE-2023-6932'] },
      },
    ])
  })

  test('of SUSE, VEX of one CVE: states of products without an advisory', () => {
    const vex = {
      document: {
        ...DOCUMENTS.suse.document,
        tracking: { id: 'CVE-2023-6932', current_release_date: '2025-01-02T00:00:00Z' },
      },
      vulnerabilities: [
        {
          cve: 'CVE-2023-6932',
          product_status: {
            known_affected: ['SUSE Linux Enterprise Server 12 SP5:kernel-default'],
            known_not_affected: ['SUSE Linux Enterprise Micro 6.0:kernel-default', 'openSUSE Leap 15.6:kernel-source'],
            under_investigation: ['openSUSE Leap 15.6:kernel-default'],
          },
        },
      ],
    }
    expect(vendorWords(readText('csaf', vex))).toEqual([
      'CVE-2023-6932 sles:12.5 kernel-default affected',
      'CVE-2023-6932 sle-micro:6.0 kernel-default not_affected',
      'CVE-2023-6932 opensuse-leap:15.6 kernel-default under_investigation',
    ])
  })

  test('of somebody else: not read, and said so; a tree of a million levels ends in a sentence', () => {
    const other = {
      ...DOCUMENTS.suse,
      document: { ...DOCUMENTS.suse.document, publisher: { namespace: 'https://evil.example/suse.com' } },
    }
    expect(readText('csaf', other)).toMatchObject({
      statements: [],
      troubles: [expect.stringMatching(/neither of Red Hat nor of SUSE/)],
    })
    const deep = `{"branches":[${'{"branches":['.repeat(5_000)}${']}'.repeat(5_000)}]}`
    const text = JSON.stringify(DOCUMENTS.suse).replace('"vulnerabilities"', `"product_tree":${deep},"vulnerabilities"`)
    expect(readText('csaf', text).troubles).toEqual([expect.stringMatching(/nested deeper/)])
  })
})

test('Red Hat’s API: fixes with their epochs, the vendor’s own words, and notices of kpatch by their RHSA', () => {
  const read = readText('redhat_api', DOCUMENTS.redHatApi)
  expect(read.troubles).toEqual([])
  expect(vendorWords(read)).toEqual([
    'CVE-2023-32233 rhel:7.4-aus kernel fixed | 0:3.10.0-693.112.1.el7 | RHSA-2023:4699 | 2023-08-22',
    'CVE-2023-32233 rhel:6 kernel affected | Out of support scope',
  ])
  expect(read.notices).toMatchObject([{ notice: { notice: 'RHSA-2023:3351', system: 'kpatch', kernels: [] } }])
  const state = { cpe: 'cpe:/o:redhat:enterprise_linux:9', fix_state: 'Sleeping', package_name: 'kernel' }
  const unknown = readText('redhat_api', { ...DOCUMENTS.redHatApi, package_state: [state] })
  expect(vendorWords(unknown)[1]).toBe('CVE-2023-32233 rhel:9 kernel under_investigation | Sleeping')
  expect(unknown.troubles).toEqual(['“Sleeping” is no state that is known.'])
})

test('OpenVEX of Ubuntu: source packages alone, by the release that the purl names', () => {
  const read = readText('openvex', DOCUMENTS.openVex)
  expect(vendorWords(read)).toEqual([
    'CVE-2024-26581 ubuntu:22.04 linux fixed | 5.15.0-105.115',
    'CVE-2024-26581 ubuntu:22.04 linux-hwe-6.5 fixed | 6.5.0-28.29~22.04.1',
    'CVE-2024-26581 ubuntu-pro:18.04 linux not_affected | vulnerable_code_not_present',
  ])
  expect(read.troubles).toEqual(['Statement 3 has no vulnerability or no status that is known.'])
})

describe('Debian’s tracker', () => {
  test('as JSON: 0 was never in, undetermined is unknown, releases without a number are left out', () => {
    const read = readText('debian_tracker', DOCUMENTS.debianExport)
    expect(vendorWords(read)).toEqual([
      'CVE-2024-42141 debian:12 linux not_affected',
      'CVE-2024-42141 debian:13 linux fixed | 6.9.9-1',
      'CVE-2024-42141 debian:11 linux affected | ignored: Minor issue',
      'CVE-2024-42141 debian:14 linux affected | unimportant',
      'CVE-2024-42141 debian:sid linux under_investigation',
    ])
    expect(read.troubles).toEqual([])
  })
  test('as text: unstable’s line counts for releases that have none of their own', () => {
    expect(vendorWords(readText('debian_tracker', DOCUMENTS.debianList, 'data/CVE/list'))).toEqual([
      'CVE-2024-42141 debian:sid linux fixed | 6.9.9-1',
      'CVE-2024-42141 debian:12 linux not_affected | not-affected: Vulnerable code not present',
      'CVE-2024-42141 debian:11 linux fixed | 6.9.9-1',
      'CVE-2024-42141 debian:13 linux fixed | 6.9.9-1',
      'CVE-2024-42141 debian:14 linux fixed | 6.9.9-1',
    ])
  })
})

test('LSN of Canonical: the oldest ABI of each flavour, and the modules’ version where all have the same', () => {
  expect(readText('ubuntu_lsn', DOCUMENTS.lsn).notices).toEqual([
    {
      publishedOn: '2022-03-23',
      notice: {
        ...{
          notice: 'LSN-0085-1',
          system: 'canonical',
          publishedOn: '2022-03-23',
          kernels: [],
          packages: [],
          functions: [],
        },
        oldestKernels: [
          { release: 'bionic', flavour: 'generic-5.4', version: '5.4.0-26' },
          { release: 'bionic', flavour: 'aws', version: '4.15.0-1054' },
        ],
        ...{ moduleVersion: '85', cves: ['CVE-2022-0492', 'CVE-2022-25636'] },
      },
    },
  ])
})
