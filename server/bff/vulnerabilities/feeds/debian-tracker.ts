import type { VendorStatus } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import * as z from 'zod'
import { DEBIAN_RELEASES, debianProduct, isDebianKernel } from '../products.ts'
import { type Collector, collector, type DocumentReader, parseJson, textOf, UnreadableDocument } from './document.ts'

const text = z.string().max(20_000)
/** https://security-tracker.debian.org/tracker/data/json: package → CVE → releases. */
const Export = z.record(z.string().max(200), z.unknown())
const OfPackage = z.record(z.string().max(64), z.unknown())
const OfCve = z.object({
  releases: z.record(
    z.string().max(64),
    z.object({
      status: text,
      fixed_version: text.nullish(),
      urgency: text.nullish(),
      nodsa: text.nullish(),
      nodsa_reason: text.nullish(),
    }),
  ),
})

/** The tracker's JSON, or its list as text (`data/CVE/list`). */
export const readDebianTracker: DocumentReader = (content, name) =>
  /^\s*\{/.test(content) ? readExport(content, name) : readList(content, name)

const readExport: DocumentReader = (content) => {
  const all = collector()
  for (const [source, ofPackage] of Object.entries(parseJson(content, Export))) {
    if (!isDebianKernel(source)) continue
    const cves = OfPackage.safeParse(ofPackage)
    if (!cves.success) {
      all.trouble(`What it has of ${source} is not by CVE.`)
      continue
    }
    for (const [cve, given] of Object.entries(cves.data)) {
      // `TEMP-…` has no CVE yet.
      if (!cve.startsWith('CVE-')) continue
      const read = OfCve.safeParse(given)
      if (!read.success) {
        all.trouble(`What it has of ${cve} in ${source} is not by release.`)
        continue
      }
      for (const [codename, release] of Object.entries(read.data.releases)) {
        const product = debianProduct(codename)
        if (product === null) continue
        const { status, fixed_version, urgency, nodsa, nodsa_reason } = release
        const fixed = fixed_version ?? null
        // `0`: it was never in.
        const isNever = status === 'resolved' && fixed === '0'
        const isFixed = status === 'resolved' && fixed !== null && !isNever
        sayOf(all, cve, {
          ...{ product, source, fixedVersion: isFixed ? fixed : null },
          status: isNever ? 'not_affected' : isFixed ? 'fixed' : status === 'open' ? 'affected' : 'under_investigation',
          reason: sentenceOf(nodsa_reason, nodsa, urgency === 'unimportant' ? urgency : null),
        })
      }
    }
  }
  return all.read
}

/** The parts that there are, `ignored: Minor issue`. */
const sentenceOf = (...parts: readonly (string | null | undefined)[]): string | null =>
  parts.filter((part) => part !== undefined && part !== null && part !== '').join(': ') || null

interface Said {
  readonly product: string
  readonly source: string
  readonly status: VendorStatus
  readonly fixedVersion: string | null
  readonly reason: string | null
}
const sayOf = (all: Collector, cve: string, { product, source, status, fixedVersion, reason }: Said) =>
  all.say(
    cve,
    {
      ...{ kind: 'vendor', product, package: source, status, fixedVersion: textOf(fixedVersion, 128) },
      ...{ reason: textOf(reason, 500), advisory: null, availableOn: null },
    },
    null,
  )

/** Of `<…>` in the list. What is ignored, postponed or past its end is open there. */
const WORDS: Readonly<Record<string, VendorStatus>> = {
  'not-affected': 'not_affected',
  unfixed: 'affected',
  ignored: 'affected',
  postponed: 'affected',
  'no-dsa': 'affected',
  'end-of-life': 'affected',
  undetermined: 'under_investigation',
}

const readList: DocumentReader = (content) => {
  const all = collector()
  let cve: string | null = null
  let lines: ListLine[] = []
  if (!/^CVE-\d{4}-/m.test(content)) throw new UnreadableDocument('It is neither the tracker’s JSON nor its list.')
  const end = () => {
    if (cve !== null) sayList(all, cve, lines)
    lines = []
  }
  for (const line of content.split('\n')) {
    if (!/^\s/.test(line)) {
      end()
      cve = /^(CVE-\d{4}-\d{4,19})(\s|$)/.exec(line)?.[1] ?? null
      continue
    }
    const [, release, source, what, reason] =
      /^\s+(?:\[([a-z]+)\] )?- (\S{1,200}) (<[a-z-]+>|\S{1,128})(?: \((.{0,1000})\))?/.exec(line) ?? []
    if (cve !== null && source !== undefined && what !== undefined && isDebianKernel(source)) {
      lines.push({ release: release ?? 'sid', source, what, reason: reason ?? null })
    }
  }
  end()
  return all.read
}

interface ListLine {
  readonly release: string
  readonly source: string
  readonly what: string
  readonly reason: string | null
}

/** A line without a release is of unstable, and counts for every release that has no line of its own: it has the version or has not. */
const sayList = (all: Collector, cve: string, lines: readonly ListLine[]) => {
  const ofUnstable = lines.filter(({ release }) => release === 'sid')
  const inherited = ofUnstable.flatMap((line) =>
    DEBIAN_RELEASES.filter(
      (release) => !lines.some((other) => other.release === release && other.source === line.source),
    ).map((release) => ({ ...line, release })),
  )
  for (const { release, source, what, reason } of [...lines, ...inherited]) {
    const product = debianProduct(release)
    const word = /^<(.+)>$/.exec(what)?.[1]
    if (product === null || word === 'removed' || word === 'itp') continue
    const status = word === undefined ? 'fixed' : WORDS[word]
    if (status === undefined) all.trouble(`“${what}” of ${cve} is no word that is known.`)
    sayOf(all, cve, {
      ...{ product, source, status: status ?? 'under_investigation', fixedVersion: word === undefined ? what : null },
      reason: sentenceOf(word, reason),
    })
  }
}
