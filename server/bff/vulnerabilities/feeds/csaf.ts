import type { VendorStatus } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import * as z from 'zod'
import { suseProduct } from '../products.ts'
import { ProductTree, readTree } from './csaf-tree.ts'
import {
  type Collector,
  collector,
  type DocumentReader,
  dayOf,
  parseJson,
  textOf,
  UnreadableDocument,
} from './document.ts'
import { kpatchKernel, redHatComponent, redHatTarget } from './red-hat.ts'
import { suseLivepatch, suseTarget } from './suse.ts'

const text = z.string().max(20_000)
const ids = z.array(z.string().max(2_000)).max(500_000)
const Vulnerability = z.object({
  cve: text.optional(),
  title: text.optional(),
  release_date: text.optional(),
  notes: z
    .array(z.object({ category: text.optional(), text: z.string().max(200_000).optional() }))
    .max(100)
    .optional(),
  product_status: z
    .object({
      fixed: ids.optional(),
      recommended: ids.optional(),
      known_affected: ids.optional(),
      known_not_affected: ids.optional(),
      under_investigation: ids.optional(),
    })
    .optional(),
  flags: z
    .array(z.object({ label: text, product_ids: ids.optional() }))
    .max(1_000)
    .optional(),
  remediations: z
    .array(
      z.object({
        category: text,
        details: text.optional(),
        url: text.optional(),
        date: text.optional(),
        product_ids: ids.optional(),
      }),
    )
    .max(10_000)
    .optional(),
  scores: z
    .array(
      z.object({
        cvss_v3: z
          .object({ version: text.optional(), baseScore: z.number().optional(), vectorString: text.optional() })
          .optional(),
      }),
    )
    .max(1_000)
    .optional(),
})
type Vulnerability = z.infer<typeof Vulnerability>

/** CSAF 2.0, https://docs.oasis-open.org/csaf/csaf/v2.0/; only what is read. */
const Document = z.object({
  document: z.object({
    publisher: z.object({ namespace: text }),
    tracking: z.object({ id: text, initial_release_date: text.optional(), current_release_date: text.optional() }),
  }),
  product_tree: ProductTree.optional(),
  vulnerabilities: z.array(Vulnerability).max(5_000).optional(),
})
type Document = z.infer<typeof Document>

interface Target {
  readonly product: string
  readonly package: string
  readonly version: string | null
}
interface Vendor {
  readonly name: string
  /** The kernel's package that a component is, in which product; null: neither. */
  target(productId: string): Target | null
  /** The livepatch that a component is; null: none. */
  livepatch(productId: string): { package: string; kernel: string | null } | null
}

const STATUSES = [
  ['fixed', 'fixed'],
  // SUSE's word for what has the fix.
  ['recommended', 'fixed'],
  ['known_affected', 'affected'],
  ['known_not_affected', 'not_affected'],
  ['under_investigation', 'under_investigation'],
] as const satisfies readonly (readonly [string, VendorStatus])[]

/** VEX files of Red Hat, in both generations, and SUSE's advisories, VEX files and advisories of livepatches. */
export const readCsaf: DocumentReader = (content) => {
  const read = parseJson(content, Document)
  const all = collector()
  const vendor = vendorOf(read)
  const ours = (read.vulnerabilities ?? []).filter(({ cve }) => cve !== undefined)
  for (const vulnerability of ours) readVulnerability(all, read, vendor, vulnerability)
  readNotices(all, read, vendor, ours)
  return all.read
}

const vendorOf = ({ document, product_tree }: Document): Vendor => {
  const component = readTree(product_tree ?? {})
  const { namespace } = document.publisher
  if (/^https:\/\/(www\.)?redhat\.com/.test(namespace)) {
    return {
      name: 'Red Hat',
      target: (id) => redHatTarget(component(id)),
      livepatch: (id) => {
        const name = redHatComponent(component(id)?.component ?? '')?.name ?? ''
        return /^kpatch-patch(-|$)/.test(name) ? { package: name, kernel: kpatchKernel(name) } : null
      },
    }
  }
  if (/^https:\/\/(www\.)?suse\.com/.test(namespace)) {
    return {
      name: 'SUSE',
      target: (id) => {
        const found = component(id)
        return found === null ? null : suseTarget(suseProduct(found.product.id), found.component)
      },
      livepatch: (id) => suseLivepatch(component(id)?.component ?? ''),
    }
  }
  throw new UnreadableDocument('It is neither of Red Hat nor of SUSE, whose products alone are known.')
}

const RED_HAT_ADVISORY = /RH[SBE]A-\d{4}:\d{4,6}/

const readVulnerability = (all: Collector, read: Document, vendor: Vendor, vulnerability: Vulnerability) => {
  const { cve = '', product_status = {}, flags = [], remediations = [], notes = [], scores = [] } = vulnerability
  const { tracking } = read.document
  const publishedOn = dayOf(vulnerability.release_date)
  const asOf = dayOf(tracking.current_release_date)
  const isAdvisory = vendor.name === 'SUSE' && /^(open)?SUSE-/i.test(tracking.id)
  const fixes = byProduct(remediations.filter(({ category }) => category === 'vendor_fix'))
  const plans = byProduct(remediations.filter(({ category }) => /^(no_fix_planned|none_available)$/.test(category)))
  const labels = byProduct(flags)
  const said = new Set<string>()
  for (const [word, status] of STATUSES) {
    for (const id of product_status[word] ?? []) {
      const target = vendor.target(id)
      // The same for each architecture.
      const key = target === null ? '' : JSON.stringify([target, status])
      if (target === null || said.has(key)) continue
      said.add(key)
      const fix = fixes.get(id)
      const advisory = isAdvisory ? tracking.id : RED_HAT_ADVISORY.exec(fix?.url ?? '')?.[0]
      const reason =
        status === 'not_affected' ? labels.get(id)?.label : status === 'affected' ? plans.get(id)?.details : undefined
      all.say(
        cve,
        {
          ...{ kind: 'vendor', product: target.product, package: target.package, status },
          fixedVersion: status === 'fixed' ? target.version : null,
          reason: textOf(reason, 500),
          advisory: status === 'fixed' ? textOf(advisory, 64) : null,
          availableOn: status === 'fixed' ? dayOf(isAdvisory ? tracking.initial_release_date : fix?.date) : null,
        },
        asOf,
      )
    }
  }
  if (said.size === 0) return
  const scored = scores.flatMap(({ cvss_v3: given }) =>
    given?.baseScore === undefined || given.baseScore < 0 || given.baseScore > 10
      ? []
      : [
          {
            ...{ by: vendor.name, version: (given.version ?? '3.1').slice(0, 8), score: given.baseScore },
            vector: given.vectorString?.slice(0, 300) ?? null,
          },
        ],
  )
  const description = notes.find(({ category }) => category === 'description')?.text
  all.say(
    cve,
    {
      ...{ kind: 'record', title: vulnerability.title === cve ? null : textOf(vulnerability.title, 500) },
      ...{ description: textOf(description, 2000), publishedOn, files: [], rejected: false },
      scores: [...new Map(scored.map((score) => [JSON.stringify(score), score])).values()].slice(0, 16),
    },
    publishedOn,
  )
}

/** The first that speaks of each product. */
const byProduct = <T extends { product_ids?: string[] | undefined }>(given: readonly T[]): Map<string, T> => {
  const map = new Map<string, T>()
  for (const one of given) for (const id of one.product_ids ?? []) if (!map.has(id)) map.set(id, one)
  return map
}

/** SUSE: one notice an advisory. Red Hat: one for each RHSA whose packages are kpatch's. */
const readNotices = (all: Collector, read: Document, vendor: Vendor, ours: readonly Vulnerability[]) => {
  const { tracking } = read.document
  const publishedOn = dayOf(tracking.initial_release_date)
  const notices = new Map<
    string,
    { packages: Set<string>; kernels: Set<string>; cves: Set<string>; on: string | null }
  >()
  for (const { cve = '', product_status = {}, remediations = [] } of ours) {
    const fixes = byProduct(remediations.filter(({ category }) => category === 'vendor_fix'))
    for (const id of [...(product_status.fixed ?? []), ...(product_status.recommended ?? [])]) {
      const livepatch = vendor.livepatch(id)
      if (livepatch === null) continue
      const fix = fixes.get(id)
      const number = vendor.name === 'SUSE' ? tracking.id : (RED_HAT_ADVISORY.exec(fix?.url ?? '')?.[0] ?? '')
      if (number === '' || (vendor.name === 'SUSE' && !/^(open)?SUSE-/i.test(number))) continue
      const on = vendor.name === 'SUSE' ? publishedOn : dayOf(fix?.date)
      const notice = notices.get(number) ?? { packages: new Set(), kernels: new Set(), cves: new Set(), on }
      notices.set(number, notice)
      notice.packages.add(livepatch.package)
      if (livepatch.kernel !== null) notice.kernels.add(livepatch.kernel)
      notice.cves.add(cve)
    }
  }
  for (const [number, { packages, kernels, cves, on }] of notices) {
    const isKgraft = [...packages].some((name) => name.startsWith('kgraft-'))
    all.notice(
      {
        ...{
          notice: number,
          system: vendor.name === 'SUSE' ? (isKgraft ? 'kgraft' : 'klp') : 'kpatch',
          publishedOn: on,
        },
        ...{ kernels: [...kernels].sort(), oldestKernels: [], packages: [...packages].sort() },
        ...{ moduleVersion: null, cves: [...cves].sort(), functions: [] },
      },
      on,
    )
  }
}
