import type { CveStatementOf } from '@rebootless/shared/contract/vulnerabilities.ts'
import type { FeedKind } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { readDocument } from './read-document.ts'

/** Written by hand after real documents, cut to what is read, with the facts that they have. */
export const DOCUMENTS = {
  /** CVE-2024-26581 of the kernel's CNA (vulns.git, cve/published/2024): backported faults, fixed branches, one branch never fixed. */
  record: {
    cveMetadata: { cveId: 'CVE-2024-26581', state: 'PUBLISHED', assignerOrgId: 'f4215fc3-5b6b-47ff-a258-f7189bd81038' },
    containers: {
      cna: {
        title: 'netfilter: nft_set_rbtree: skip end interval element from gc',
        descriptions: [{ lang: 'en', value: 'In the Linux kernel, the following vulnerability has been resolved.' }],
        metrics: [
          {
            cvssV3_1: { baseScore: 7.8, vectorString: 'CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H', version: '3.1' },
          },
        ],
        affected: [
          {
            ...{ product: 'Linux', vendor: 'Linux', defaultStatus: 'unaffected' },
            programFiles: ['net/netfilter/nft_set_rbtree.c'],
            versions: [
              { version: 'f718863aca46', lessThan: '60c0c230c6f0', status: 'affected', versionType: 'git' },
              { version: '5.4.262', lessThan: '5.4.269', status: 'affected', versionType: 'semver' },
              { version: '6.4.8', lessThan: '6.5', status: 'affected', versionType: 'semver' },
            ],
          },
          {
            ...{ product: 'Linux', vendor: 'Linux', defaultStatus: 'affected' },
            programFiles: ['net/netfilter/nft_set_rbtree.c'],
            versions: [
              { version: '6.5', status: 'affected' },
              { version: '0', lessThan: '6.5', status: 'unaffected', versionType: 'semver' },
              { version: '5.4.269', lessThanOrEqual: '5.4.*', status: 'unaffected', versionType: 'semver' },
              { version: '6.6.17', lessThanOrEqual: '6.6.*', status: 'unaffected', versionType: 'semver' },
              { version: '6.8', lessThanOrEqual: '*', status: 'unaffected', versionType: 'original_commit_for_fix' },
            ],
          },
        ],
        // What a reader must not believe: 6.6.20 is fixed.
        cpeApplicability: [{ nodes: [{ cpeMatch: [{ versionStartIncluding: '6.5', versionEndExcluding: '6.7.5' }] }] }],
      },
    },
  },
  dyad: [
    '# dyad version: 86b352798e93',
    '5.4.262:acaee227cf79c45a5d2d49c3e9a66333a462802c:5.4.269:10e9cb39313627f2eae4cd70c4b742074e998fd8',
    '6.5:f718863aca469a109895cb855e6b81fff4827d71:6.8:60c0c230c6f046da536d3df8b39a20b9a9fd6af0',
    '6.4.8:cd66733932399475fe933cb3ec03e687ed401462:0:0',
    '',
  ].join('\n'),
  /** CVE-2022-0847 of cvelistV5: Red Hat's record, whose versions are free text, with CISA's scores and its listing. */
  foreign: {
    cveMetadata: {
      ...{ cveId: 'CVE-2022-0847', state: 'PUBLISHED', assignerShortName: 'redhat' },
      datePublished: '2022-03-07T00:00:00.000Z',
    },
    containers: {
      cna: {
        affected: [
          { vendor: 'n/a', product: 'kernel', versions: [{ version: 'Linux Kernel 5.17 rc6', status: 'affected' }] },
        ],
      },
      adp: [
        {
          providerMetadata: { shortName: 'CISA-ADP' },
          affected: [{ product: 'Linux', versions: [{ version: '5.8', status: 'unknown' }] }],
          metrics: [
            {
              cvssV3_1: {
                baseScore: 7.8,
                vectorString: 'CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H',
                version: '3.1',
              },
            },
            { other: { type: 'ssvc', content: { options: [{ Exploitation: 'active' }] } } },
            { other: { type: 'kev', content: { dateAdded: '2022-04-25' } } },
          ],
        },
      ],
    },
  },
  /** CVE-2025-39751, which its CNA took back. */
  rejected: {
    cveMetadata: { cveId: 'CVE-2025-39751', state: 'REJECTED', assignerShortName: 'Linux' },
    containers: { cna: { rejectedReasons: [{ lang: 'en', value: 'Rejected by its CVE Numbering Authority.' }] } },
  },
  /** Debian's OSV of CVE-2022-0847: bullseye has the fix in a version below upstream's 5.10.102. */
  osv: {
    ...{ schema_version: '1.6.0', id: 'CVE-2022-0847', published: '2022-03-10T17:44:57Z' },
    severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H' }],
    affected: [
      {
        package: { ecosystem: 'Debian:11', name: 'linux' },
        ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '5.10.92-2' }] }],
      },
      {
        package: { ecosystem: 'Debian:12', name: 'linux' },
        ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }] }],
      },
      {
        package: { ecosystem: 'Debian:12', name: 'openssl' },
        ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }] }],
      },
    ],
  },
  /** Red Hat's VEX of CVE-2023-6238 in its form of 2026, cut: will not be fixed on 9.4.0, not affected elsewhere. */
  vexFeed: {
    document: {
      publisher: { namespace: 'https://www.redhat.com' },
      tracking: { id: 'CVE-2023-6238', current_release_date: '2026-05-07T13:49:43+00:00' },
    },
    product_tree: {
      branches: [
        {
          ...{ category: 'vendor', name: 'Red Hat' },
          branches: [
            branch('rhel-9.4.0', 'cpe:/a:redhat:enterprise_linux:9'),
            branch('rhel-9.7.z', 'cpe:/a:redhat:enterprise_linux:9'),
            branch('rhel-8.6.0.z.eus', 'cpe:/a:redhat:rhel_eus:8.6'),
            branch('rhel-8.10.z::appstream', 'cpe:/a:redhat:enterprise_linux:8'),
          ],
        },
      ],
      relationships: [],
    },
    vulnerabilities: [
      {
        ...{ cve: 'CVE-2023-6238', title: 'memory corruption via unprivileged user passthrough' },
        flags: [
          {
            label: 'vulnerable_code_not_present',
            product_ids: ['rhel-9.7.z:kernel.src', 'rhel-8.10.z::appstream:kernel.src'],
          },
        ],
        product_status: {
          known_affected: ['rhel-9.4.0:kernel.src'],
          known_not_affected: ['rhel-9.7.z:kernel.src', 'rhel-9.7.z:kpatch.src', 'rhel-8.10.z::appstream:kernel.src'],
          fixed: [
            'rhel-8.6.0.z.eus:kernel-0:4.18.0-372.9.1.el8_6',
            'rhel-8.6.0.z.eus:kernel-0:4.18.0-372.9.1.el8_6.src',
          ],
        },
        remediations: [
          { category: 'no_fix_planned', details: 'Will not fix', product_ids: ['rhel-9.4.0:kernel.src'] },
          {
            ...{
              category: 'vendor_fix',
              url: 'https://access.redhat.com/errata/RHSA-2022:1988',
              date: '2022-05-10T00:00:00+00:00',
            },
            product_ids: [
              'rhel-8.6.0.z.eus:kernel-0:4.18.0-372.9.1.el8_6',
              'rhel-8.6.0.z.eus:kernel-0:4.18.0-372.9.1.el8_6.src',
            ],
          },
        ],
        scores: [
          { cvss_v3: { baseScore: 6.7, vectorString: 'CVSS:3.1/AV:L/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H', version: '3.1' } },
        ],
      },
    ],
  },
  /** SUSE-SU-2024:0429-1, Live Patch 21 for SLE 15 SP4, with a kernel of an advisory like it and the empty livepatch that comes with one. */
  suse: {
    document: {
      publisher: { namespace: 'https://www.suse.com/' },
      tracking: { id: 'SUSE-SU-2024:0429-1', initial_release_date: '2024-02-08T12:40:28Z' },
    },
    vulnerabilities: [
      {
        cve: 'CVE-2023-6932',
        product_status: {
          recommended: [
            'SUSE Linux Enterprise Live Patching 15 SP4:kernel-livepatch-5_14_21-150400_24_100-default-2-150400.2.1.x86_64',
            'SUSE Linux Enterprise Live Patching 15 SP4:kernel-livepatch-5_14_21-150400_24_100-default-2-150400.2.1.s390x',
            'SUSE Linux Enterprise Live Patching 15 SP5:kernel-livepatch-5_14_21-150500_55_52-default-1-150500.11.3.1.x86_64',
            'SUSE Linux Enterprise Module for Basesystem 15 SP5:kernel-default-5.14.21-150500.55.52.1.x86_64',
            'SUSE Linux Enterprise Module for Basesystem 15 SP5:kernel-default-devel-5.14.21-150500.55.52.1.x86_64',
            'SUSE Linux Enterprise Server 15 SP4-LTSS:kernel-default-5.14.21-150400.24.111.1.aarch64',
          ],
        },
        scores: [
          { cvss_v3: { baseScore: 7, vectorString: 'CVSS:3.1/AV:L/AC:H/PR:L/UI:N/S:U/C:H/I:H/A:H', version: '3.1' } },
        ],
      },
    ],
  },
  /** Red Hat's answer of CVE-2023-32233, cut. */
  redHatApi: {
    ...{ name: 'CVE-2023-32233', public_date: '2023-05-08T00:00:00Z' },
    bugzilla: { description: 'kernel: netfilter: use-after-free in nf_tables when processing batch requests' },
    cvss3: { cvss3_base_score: '7.8', cvss3_scoring_vector: 'CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H' },
    affected_release: [
      {
        ...{ product_name: 'Red Hat Enterprise Linux 7.4 Advanced Update Support', cpe: 'cpe:/o:redhat:rhel_aus:7.4' },
        ...{
          package: 'kernel-0:3.10.0-693.112.1.el7',
          advisory: 'RHSA-2023:4699',
          release_date: '2023-08-22T00:00:00Z',
        },
      },
      {
        cpe: 'cpe:/o:redhat:rhel_eus:8.6',
        package: 'kpatch-patch',
        advisory: 'RHSA-2023:3351',
        release_date: '2023-05-30T00:00:00Z',
      },
      {
        cpe: 'cpe:/o:redhat:rhev_hypervisor:4.4::el8',
        package: 'redhat-virtualization-host-0:4.5-202306',
        advisory: 'RHSA-2023:3388',
      },
    ],
    package_state: [
      { cpe: 'cpe:/o:redhat:enterprise_linux:6', fix_state: 'Out of support scope', package_name: 'kernel' },
      { cpe: 'cpe:/o:redhat:enterprise_linux:6', fix_state: 'Not affected', package_name: 'openssl' },
    ],
  },
  /** After Ubuntu's OpenVEX: the context is not where it belongs, and times are not RFC 3339. */
  openVex: {
    metadata: { '@context': 'https://openvex.dev/ns/v0.2.0', timestamp: '2025-03-01 10:00:00' },
    statements: [
      {
        vulnerability: { '@id': 'https://ubuntu.com/security/CVE-2024-26581', name: 'CVE-2024-26581' },
        products: [
          { '@id': 'pkg:deb/ubuntu/linux@5.15.0-105.115?arch=source&distro=jammy' },
          { '@id': 'pkg:deb/ubuntu/linux-image-5.15.0-105-generic@5.15.0-105.115?arch=amd64&distro=jammy' },
          { '@id': 'pkg:deb/ubuntu/linux-hwe-6.5@6.5.0-28.29~22.04.1?arch=source&distro=jammy' },
        ],
        status: 'fixed',
        timestamp: '2024-05-07 12:00:00+00:00',
      },
      {
        vulnerability: { name: 'CVE-2024-26581' },
        products: [{ '@id': 'pkg:deb/ubuntu/linux@4.15.0-213.224?arch=source&distro=esm-infra/bionic' }],
        ...{ status: 'not_affected', justification: 'vulnerable_code_not_present' },
      },
      { vulnerability: { name: 'CVE-2024-26581' }, status: 'perhaps' },
    ],
  },
  debianExport: {
    linux: {
      'CVE-2024-42141': {
        releases: {
          bookworm: { status: 'resolved', fixed_version: '0', urgency: 'not yet assigned' },
          trixie: { status: 'resolved', fixed_version: '6.9.9-1' },
          bullseye: { status: 'open', nodsa: 'Minor issue', nodsa_reason: 'ignored', fixed_version: null },
          forky: { status: 'open', urgency: 'unimportant' },
          sid: { status: 'undetermined' },
          warty: { status: 'open' },
        },
      },
      'TEMP-0000000-000001': { releases: {} },
    },
  },
  debianList: [
    'CVE-2024-42141 (In the Linux kernel, the following vulnerability has been resolved:  B ...)',
    '\t- linux 6.9.9-1',
    '\t[bookworm] - linux <not-affected> (Vulnerable code not present)',
    '\tNOTE: https://git.kernel.org/linus/8c8e5d1cd8a4a4f4b5b3d4bd4f6a4f4f4f4f4f4f',
    'CVE-2023-46517',
    '\tREJECTED',
    'CVE-2023-5849 (Integer overflow in USB in Google Chrome ...)',
    '\t{DSA-5546-1}',
    '\t- chromium 119.0.6045.105-1',
    '',
  ].join('\n'),
  /** LSN-0085-1, cut. */
  lsn: {
    ...{ id: 'LSN-0085-1', timestamp: 1_648_022_281, cves: ['CVE-2022-0492', 'CVE-2022-25636'] },
    releases: {
      bionic: {
        sources: { 'generic-5.4': { version: '5.4.0-26' }, aws: { version: '4.15.0-1054' } },
        allbinaries: { 'generic-5.4': { module: 'lkp_Ubuntu_5_4_0', version: '85' }, aws: { version: '85' } },
      },
    },
  },
  kev: {
    vulnerabilities: [
      { cveID: 'CVE-2022-0492', dateAdded: '2026-06-02', dueDate: '2026-06-05', knownRansomwareCampaignUse: 'Unknown' },
      { cveID: 'CVE-2021-22555', dateAdded: 'yesterday' },
      { cveID: 'CVE-2024-1086', dateAdded: '2024-05-30', dueDate: '2024-06-20', knownRansomwareCampaignUse: 'Known' },
    ],
  },
  epss: '#model_version:v2023.03.01,score_date:2023-03-07T00:00:00+0000\ncve,epss,percentile\nCVE-2018-19571,0.00113,0.43131\n',
} as const

function branch(id: string, cpe: string) {
  return { category: 'product_name', product: { product_id: id, product_identification_helper: { cpe } } }
}

export const readText = (kind: FeedKind, document: unknown, name = 'document.json') =>
  readDocument(kind, Buffer.from(typeof document === 'string' ? document : JSON.stringify(document)), name)

/** What vendors are read to say: `PRODUCT PACKAGE STATUS VERSION | REASON | ADVISORY DAY`. */
export const vendorWords = (read: ReturnType<typeof readText>) =>
  read.statements.flatMap(({ cve, statement }) => (statement.kind === 'vendor' ? [`${cve} ${words(statement)}`] : []))
const words = ({
  product,
  package: of,
  status,
  fixedVersion,
  reason,
  advisory,
  availableOn,
}: CveStatementOf<'vendor'>) =>
  [`${product} ${of} ${status}`, fixedVersion, reason, advisory, availableOn]
    .filter((part) => part !== null)
    .join(' | ')
