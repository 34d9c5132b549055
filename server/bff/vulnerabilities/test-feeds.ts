import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pack } from 'tar-stream'

/** Dirty Pipe's pairs, as vulns.git's CVE-2022-0847 would have them by linux_kernel_cves' releases. */
export const DYAD = `# dyad version: 1.2.0
5.8:f6dd975583bd8ce088400648fd9819e4691c8958:5.10.102:b19ec7afa9297d862ed86443e0164643b97250ab
5.8:f6dd975583bd8ce088400648fd9819e4691c8958:5.15.25:114e9f141822e6977633d322c1b03e89bd209932
5.8:f6dd975583bd8ce088400648fd9819e4691c8958:5.16.11:eddef98207d678f21261c2bd07da55938680df4e
5.8:f6dd975583bd8ce088400648fd9819e4691c8958:5.17:9d2231c5d74e13b2a0546fee6737ee4446017903
`

/** Debian's word of it, by its tracker's export. */
export const debianExport = (bookworm: string) =>
  JSON.stringify({
    linux: {
      'CVE-2022-0847': {
        scope: 'local',
        releases: {
          bullseye: { status: 'resolved', fixed_version: '5.10.92-2', urgency: 'not yet assigned' },
          bookworm: { status: 'resolved', fixed_version: bookworm, urgency: 'not yet assigned' },
        },
      },
    },
    openssl: { 'CVE-2022-0778': { releases: { bookworm: { status: 'resolved', fixed_version: '3.0.2-1' } } } },
  })

/** CISA's entry of it, and one of something else. */
export const KEV = JSON.stringify({
  title: 'CISA Catalog of Known Exploited Vulnerabilities',
  vulnerabilities: [
    { cveID: 'CVE-2022-0847', dateAdded: '2022-04-25', dueDate: '2022-05-16', knownRansomwareCampaignUse: 'Unknown' },
    { cveID: 'CVE-2021-44228', dateAdded: '2021-12-10', dueDate: '2021-12-24', knownRansomwareCampaignUse: 'Known' },
  ],
})

/** Facts in our own form: CISA's entry of Dirty Pipe, and SUSE's notice of Live Patch 21 for SLE 15 SP4. */
export const OWN_FACTS = [
  { format: 'rebootless.vulnerabilities/1' },
  {
    ...{ cve: 'CVE-2022-0847', document: 'CISA KEV 2026-08-07', publishedOn: '2022-04-25' },
    statement: { kind: 'kev', addedOn: '2022-04-25', dueOn: '2022-05-16', ransomware: false },
  },
  {
    ...{ document: 'SUSE CSAF: SUSE-SU-2024:0429-1', publishedOn: '2024-02-08' },
    notice: {
      ...{ notice: 'SUSE-SU-2024:0429-1', system: 'klp', publishedOn: '2024-02-08', moduleVersion: null },
      ...{ kernels: ['5.14.21-150400.24.100-default'], oldestKernels: [], functions: [], cves: ['CVE-2023-6932'] },
      packages: ['kernel-livepatch-5_14_21-150400_24_100-default-2-150400.2.1'],
    },
  },
]
  .map((line) => `${JSON.stringify(line)}\n`)
  .join('')

export interface FeedFolder {
  readonly path: string
  write(name: string, text: string | Buffer): void
  remove(name?: string): void
}

/** A folder of feeds of its own, on disk. */
export const createFeedFolder = (): FeedFolder => {
  const folder = mkdtempSync(path.join(tmpdir(), 'rebootless-feeds-'))
  return {
    path: folder,
    write(name, text) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
      writeFileSync(path.join(folder, name), text)
    },
    remove: (name = '') => rmSync(path.join(folder, name), { recursive: true, force: true }),
  }
}

/** Files by name and text, and links. */
export const tarOf = async (
  entries: readonly (readonly [name: string, text: string] | { name: string; type: 'symlink'; linkname: string })[],
): Promise<Buffer> => {
  const tar = pack()
  for (const entry of entries) 'type' in entry ? tar.entry(entry) : tar.entry({ name: entry[0] }, entry[1])
  tar.finalize()
  const parts: Buffer[] = []
  for await (const part of tar) parts.push(part as Buffer)
  return Buffer.concat(parts)
}
