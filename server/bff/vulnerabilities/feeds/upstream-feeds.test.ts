// Goal: each format that is nobody's distribution says what its source means by it. Method: small documents written by hand after real
// ones (kernel CNA vulns.git, CVEProject/cvelistV5, CISA's KEV, FIRST's EPSS), read to the exact statements.
import { describe, expect, test } from 'vitest'
import { baseScoreOf } from './cvss.ts'
import { DOCUMENTS, readText } from './test-documents.ts'

describe('CVE JSON', () => {
  test('of the kernel’s CNA: releases by branch, and never by cpeApplicability', () => {
    const { statements, troubles } = readText('cve_json', DOCUMENTS.record, 'cve/published/2024/CVE-2024-26581.json')
    expect(troubles).toEqual([])
    expect(statements.map(({ statement }) => statement)).toEqual([
      {
        ...{ kind: 'record', title: 'netfilter: nft_set_rbtree: skip end interval element from gc' },
        description: 'In the Linux kernel, the following vulnerability has been resolved.',
        ...{ publishedOn: null, files: ['net/netfilter/nft_set_rbtree.c'], rejected: false },
        scores: [{ by: 'Linux', version: '3.1', score: 7.8, vector: 'CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H' }],
      },
      {
        ...{ kind: 'upstream_record', affectedByDefault: true, mainlineFix: '6.8', notAffectedBefore: '6.5' },
        branchFixes: [
          { branch: '5.4', fixed: '5.4.269' },
          { branch: '6.6', fixed: '6.6.17' },
        ],
        affected: [
          { from: '5.4.262', before: '5.4.269' },
          { from: '6.4.8', before: '6.5' },
        ],
      },
    ])
  })

  test('pairs of a .dyad, with null for what is not known', () => {
    const { statements } = readText('cve_json', DOCUMENTS.dyad, 'cve/published/2024/CVE-2024-26581.dyad')
    expect(statements).toEqual([
      {
        ...{ cve: 'CVE-2024-26581', publishedOn: null },
        statement: {
          kind: 'upstream_pairs',
          pairs: [
            { introduced: '5.4.262', fixed: '5.4.269' },
            { introduced: '6.5', fixed: '6.8' },
            { introduced: '6.4.8', fixed: null },
          ],
          fixCommits: ['10e9cb39313627f2eae4cd70c4b742074e998fd8', '60c0c230c6f046da536d3df8b39a20b9a9fd6af0'],
        },
      },
    ])
  })

  test.each([
    ['6.5:f718863aca46:6.8', 'CVE-2024-26581.dyad', /Line 1 is no pair/],
    ['six:f718863aca46:6.8:60c0c230c6f0', 'CVE-2024-26581.dyad', /Line 1 is no pair/],
    ['# nothing', 'CVE-2024-26581.dyad', /no pair of releases/],
    ['6.5:f718863aca46:6.8:60c0c230c6f0', 'pairs.dyad', /of which CVE/],
  ])('a .dyad with %j in %s is read not at all rather than in part', (text, name, sentence) => {
    const { statements, troubles } = readText('cve_json', text, name)
    expect([statements, troubles]).toEqual([[], [expect.stringMatching(sentence)]])
  })

  test('a .cvss gives the score that its vector has', () => {
    const { statements } = readText(
      'cve_json',
      'f4215fc3 CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H\n\nAV:L - local',
      'CVE-2024-26581.cvss',
    )
    expect(statements[0]?.statement).toMatchObject({ scores: [{ by: 'Linux', score: 7.8 }] })
  })

  test('of another CNA: scores and CISA’s listing, but no versions, and none of adp[].affected', () => {
    const { statements } = readText('cve_json', DOCUMENTS.foreign)
    expect(statements.map(({ statement }) => statement.kind)).toEqual(['record', 'kev'])
    expect(statements[0]).toMatchObject({
      publishedOn: '2022-03-07',
      statement: { scores: [{ by: 'CISA-ADP', score: 7.8 }] },
    })
    expect(statements[1]?.statement).toEqual({ kind: 'kev', addedOn: '2022-04-25', dueOn: null, ransomware: false })
  })

  test('rejected: by its state in cvelistV5, by its folder in vulns.git, where it still says PUBLISHED', () => {
    const told = (document: unknown, name: string) =>
      readText('cve_json', document, name).statements.map(({ cve, statement }) => [
        cve,
        statement.kind,
        'rejected' in statement && statement.rejected,
      ])
    expect(told(DOCUMENTS.rejected, 'cves/2025/39xxx/CVE-2025-39751.json')).toEqual([
      ['CVE-2025-39751', 'record', true],
    ])
    expect(told(DOCUMENTS.record, 'cve/rejected/2024/CVE-2024-26581.json')).toEqual([
      ['CVE-2024-26581', 'record', true],
    ])
    expect(told(DOCUMENTS.dyad, 'cve/rejected/2024/CVE-2024-26581.dyad')).toEqual([])
  })

  test('of something that is no kernel: nothing, and no trouble', () => {
    const other = structuredClone(DOCUMENTS.foreign) as unknown as {
      containers: { cna: { affected: { product: string }[] } }
    }
    for (const entry of other.containers.cna.affected) entry.product = 'log4j'
    expect(readText('cve_json', other)).toEqual({ statements: [], notices: [], troubles: [] })
  })

  test('the first shape, of 2024: one “custom” type, a fix in a release candidate, no row of an introduction', () => {
    const first = structuredClone(DOCUMENTS.record) as unknown as {
      containers: { cna: { affected: { versions: unknown[] }[] } }
    }
    const [, releases] = first.containers.cna.affected
    if (releases) {
      releases.versions = [
        { version: '6.6.17', lessThanOrEqual: '6.6.*', status: 'unaffected', versionType: 'custom' },
        { version: '6.8-rc4', lessThanOrEqual: '*', status: 'unaffected', versionType: 'original_commit_for_fix' },
      ]
    }
    expect(readText('cve_json', first).statements[1]?.statement).toMatchObject({
      ...{ branchFixes: [{ branch: '6.6', fixed: '6.6.17' }], mainlineFix: '6.8', notAffectedBefore: null },
    })
  })
})

test('scores by CVSS v3.1, section 7: those that NVD shows', () => {
  // CVE-2024-26581, CVE-2024-50264 by SUSE, CVE-2021-44228, CVE-2017-13080, and the example of section 7.1 whose scope changes.
  expect(baseScoreOf('CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H')?.score).toBe(7.8)
  expect(baseScoreOf('CVSS:3.1/AV:L/AC:H/PR:L/UI:N/S:U/C:H/I:H/A:H')?.score).toBe(7)
  expect(baseScoreOf('CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H')?.score).toBe(10)
  expect(baseScoreOf('CVSS:3.0/AV:A/AC:H/PR:N/UI:N/S:U/C:N/I:H/A:N')?.score).toBe(5.3)
  expect(baseScoreOf('CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:N')?.score).toBe(0)
  expect(baseScoreOf('CVSS:3.1/AV:L/AC:L')).toBeNull()
  expect(baseScoreOf('AV:L/AC:L/Au:N/C:C/I:C/A:C')).toBeNull()
})

test('KEV: by id whoever the vendor; an entry without a day stops no other', () => {
  const { statements, troubles } = readText('kev', DOCUMENTS.kev)
  expect(statements.map(({ cve, statement }) => ({ cve, ...statement }))).toEqual([
    { cve: 'CVE-2022-0492', kind: 'kev', addedOn: '2026-06-02', dueOn: '2026-06-05', ransomware: false },
    { cve: 'CVE-2024-1086', kind: 'kev', addedOn: '2024-05-30', dueOn: '2024-06-20', ransomware: true },
  ])
  expect(troubles).toEqual(['Entry 2 has no CVE with the day on which it was added.'])
})

describe('EPSS in each shape that it has had', () => {
  test.each([
    [DOCUMENTS.epss, 'today.csv', { scoredOn: '2023-03-07', model: 'v2023.03.01', percentile: 0.43131 }],
    [
      'cve,epss,percentile\nCVE-2018-19571,0.00113,0.43131\n',
      'epss_scores-2021-09-01.csv',
      { scoredOn: '2021-09-01', model: null, percentile: 0.43131 },
    ],
    [
      'cve,epss\nCVE-2018-19571,0.00113\n',
      'epss_scores-2021-04-14.csv',
      { scoredOn: '2021-04-14', model: null, percentile: null },
    ],
  ])('%j', (text, name, told) => {
    expect(readText('epss', text, name).statements[0]?.statement).toEqual({ kind: 'epss', score: 0.00113, ...told })
  })
  test('without a day, or with other columns, it is no such file; a row that is none is told', () => {
    expect(readText('epss', 'cve,epss\nCVE-2018-19571,0.00113\n', 'today.csv').troubles).toEqual([
      expect.stringMatching(/of which day/),
    ])
    expect(readText('epss', 'id;score\n', 'epss_scores-2021-04-14.csv').troubles).toEqual([
      expect.stringMatching(/no columns/),
    ])
    const read = readText('epss', `${DOCUMENTS.epss}CVE-2018-19572,7\nCVE-2018-19573,0.5,0.9\n`)
    expect([read.statements.length, read.troubles]).toEqual([2, ['Row 2 has no score from 0 to 1.']])
  })
})
