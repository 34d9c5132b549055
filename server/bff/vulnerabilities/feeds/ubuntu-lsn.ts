import * as z from 'zod'
import { CVE_ID, collector, type DocumentReader, parseJson } from './document.ts'

const text = z.string().max(20_000)
const Notice = z.object({
  id: z.string().regex(/^LSN-\d{1,6}-\d{1,3}$/),
  /** Seconds since 1970. */
  timestamp: z.number().min(0).max(32_503_680_000).optional(),
  cves: z.array(text).max(2048),
  releases: z.record(
    z.string().max(32),
    z.object({
      sources: z.record(z.string().max(64), z.object({ version: text.optional() })).optional(),
      allbinaries: z
        .record(z.string().max(64), z.object({ version: z.union([text, z.number()]).optional() }))
        .optional(),
    }),
  ),
})

/**
 * Canonical's notices of livepatches. `sources` has the oldest ABI of each release and flavour that is covered; the list of CVEs is of
 * the whole notice, though not each kernel had each. The version of the modules is the notice's number.
 */
export const readUbuntuLsn: DocumentReader = (content) => {
  const { id, timestamp, cves, releases } = parseJson(content, Notice)
  const all = collector()
  const publishedOn = timestamp === undefined ? null : new Date(timestamp * 1000).toISOString().slice(0, 10)
  const oldestKernels = Object.entries(releases).flatMap(([release, { sources = {} }]) =>
    Object.entries(sources).flatMap(([flavour, { version }]) =>
      version === undefined || version === '' ? [] : [{ release, flavour, version: version.slice(0, 64) }],
    ),
  )
  const versions = Object.values(releases).flatMap(({ allbinaries = {} }) =>
    Object.values(allbinaries).flatMap(({ version }) => (version === undefined ? [] : [String(version)])),
  )
  const [moduleVersion = null, ...others] = new Set(versions)
  const known = cves.filter((cve) => CVE_ID.test(cve))
  if (known.length < cves.length) all.trouble(`${cves.length - known.length} of what it fixes has no id of a CVE.`)
  all.notice(
    {
      ...{ notice: id, system: 'canonical', publishedOn, kernels: [], packages: [], functions: [], oldestKernels },
      ...{ moduleVersion: others.length === 0 ? moduleVersion : null, cves: [...new Set(known)].sort() },
    },
    publishedOn,
  )
  return all.read
}
