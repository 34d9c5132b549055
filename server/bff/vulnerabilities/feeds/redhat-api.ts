import type { VendorStatus } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import * as z from 'zod'
import { isRedHatKernel, redHatProduct } from '../products.ts'
import { collector, type DocumentReader, dayOf, parseJson, rows, textOf } from './document.ts'
import { kpatchKernel, redHatComponent } from './red-hat.ts'

const text = z.string().max(20_000)
/** One row alone comes without its list, as the API's answers were once made from XML. */
const listOrOne = z.union([rows, z.looseObject({}).transform((row): unknown[] => [row])]).nullish()

/** https://docs.redhat.com/en/documentation/red_hat_security_data_api; one file a CVE. */
const RedHatCve = z.object({
  name: text,
  public_date: text.optional(),
  bugzilla: z.object({ description: text.optional() }).optional(),
  cvss3: z
    .object({ cvss3_base_score: z.union([text, z.number()]).optional(), cvss3_scoring_vector: text.optional() })
    .optional(),
  details: z.array(z.string().max(200_000)).max(100).optional(),
  affected_release: listOrOne,
  package_state: listOrOne,
})
const Release = z.object({
  cpe: text,
  package: text.nullish(),
  advisory: text.nullish(),
  release_date: text.nullish(),
})
const State = z.object({ cpe: text, package_name: text, fix_state: text })

/** The words of `fix_state`; one that is not here is not known to mean anything. */
const STATES: Readonly<Record<string, VendorStatus>> = {
  affected: 'affected',
  'will not fix': 'affected',
  'fix deferred': 'affected',
  'out of support scope': 'affected',
  'not affected': 'not_affected',
  'under investigation': 'under_investigation',
}

/** Red Hat's Security Data API: releases that have the fix, states of those that have not, and RHSAs of kpatch. */
export const readRedHatApi: DocumentReader = (content) => {
  const record = parseJson(content, RedHatCve)
  const all = collector()
  const cve = record.name
  let isOfKernel = false
  for (const row of record.affected_release ?? []) {
    const release = Release.safeParse(row)
    if (!release.success) {
      all.trouble('One of its releases with a fix has no product.')
      continue
    }
    const { cpe, package: of, advisory, release_date } = release.data
    const component = redHatComponent(of ?? '')
    const product = redHatProduct(cpe)
    const availableOn = dayOf(release_date)
    if (component === null) continue
    if (/^kpatch-patch(-|$)/.test(component.name) && advisory) {
      const kernel = kpatchKernel(component.name)
      all.notice(
        {
          ...{ notice: advisory.slice(0, 128), system: 'kpatch', publishedOn: availableOn },
          ...{ kernels: kernel === null ? [] : [kernel], oldestKernels: [], moduleVersion: null },
          ...{ packages: kernel === null ? [] : [component.name], cves: [cve], functions: [] },
        },
        availableOn,
      )
    }
    if (product === null || component.version === null || !isRedHatKernel(component.name)) continue
    isOfKernel = true
    all.say(
      cve,
      {
        ...{ kind: 'vendor', product, package: component.name, status: 'fixed', fixedVersion: component.version },
        ...{ reason: null, advisory: textOf(advisory, 64), availableOn },
      },
      availableOn,
    )
  }
  for (const row of record.package_state ?? []) {
    const state = State.safeParse(row)
    if (!state.success) {
      all.trouble('One of its states has no product or no word.')
      continue
    }
    const product = redHatProduct(state.data.cpe)
    if (product === null || !isRedHatKernel(state.data.package_name)) continue
    isOfKernel = true
    const word = state.data.fix_state
    const status = STATES[word.toLowerCase()]
    if (status === undefined) all.trouble(`“${word.slice(0, 60)}” is no state that is known.`)
    all.say(
      cve,
      {
        ...{ kind: 'vendor', product, package: state.data.package_name, status: status ?? 'under_investigation' },
        ...{ fixedVersion: null, reason: textOf(word, 500), advisory: null, availableOn: null },
      },
      null,
    )
  }
  if (!isOfKernel) return all.read
  const score = Number(record.cvss3?.cvss3_base_score ?? Number.NaN)
  const vector = textOf(record.cvss3?.cvss3_scoring_vector, 300)
  const version = /^CVSS:(\d\.\d)\//.exec(vector ?? '')?.[1] ?? '3.1'
  const publishedOn = dayOf(record.public_date)
  all.say(
    cve,
    {
      ...{ kind: 'record', title: textOf(record.bugzilla?.description, 500), publishedOn, files: [], rejected: false },
      description: textOf(record.details?.[0], 2000),
      scores: score >= 0 && score <= 10 ? [{ by: 'Red Hat', version, score, vector }] : [],
    },
    publishedOn,
  )
  return all.read
}
