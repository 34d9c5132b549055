import * as z from 'zod'
import { isUbuntuKernel, ubuntuProduct } from '../products.ts'
import { collector, cveIn, type DocumentReader, dayOf, parseJson, rows, textOf } from './document.ts'

const text = z.string().max(20_000)
/** OpenVEX 0.2; Ubuntu's have `@context` under `metadata`, and times that are not RFC 3339, so neither is asked for. */
const OpenVex = z.object({ timestamp: text.optional(), statements: rows })
const Statement = z.object({
  vulnerability: z.union([text, z.object({ name: text.optional(), '@id': text.optional() })]),
  products: z
    .array(
      z.union([
        text,
        z.object({ '@id': text.optional(), identifiers: z.object({ purl: text.optional() }).optional() }),
      ]),
    )
    .max(200_000)
    .optional(),
  status: z.enum(['not_affected', 'affected', 'fixed', 'under_investigation']),
  justification: text.optional(),
  status_notes: text.optional(),
  action_statement: text.optional(),
  timestamp: text.optional(),
})

/** Source packages alone are read: each binary of them has a product of its own with the same status. */
export const readOpenVex: DocumentReader = (content, name) => {
  const document = parseJson(content, OpenVex)
  const all = collector()
  for (const [number, row] of document.statements.entries()) {
    const read = Statement.safeParse(row)
    if (!read.success) {
      all.trouble(`Statement ${number + 1} has no vulnerability or no status that is known.`)
      continue
    }
    const { vulnerability, products = [], status, ...said } = read.data
    const of = typeof vulnerability === 'string' ? vulnerability : (vulnerability.name ?? vulnerability['@id'] ?? '')
    const cve = cveIn(of) ?? cveIn(name)
    if (cve === null) continue
    const publishedOn = dayOf(said.timestamp ?? document.timestamp)
    const seen = new Set<string>()
    for (const given of products) {
      const target = targetOf(typeof given === 'string' ? given : (given['@id'] ?? given.identifiers?.purl ?? ''))
      const key = JSON.stringify(target)
      if (target === null || seen.has(key)) continue
      seen.add(key)
      all.say(
        cve,
        {
          ...{ kind: 'vendor', product: target.product, package: target.package, status },
          fixedVersion: status === 'fixed' ? target.version : null,
          reason: textOf(said.justification ?? said.status_notes ?? said.action_statement, 500),
          ...{ advisory: null, availableOn: null },
        },
        publishedOn,
      )
    }
  }
  return all.read
}

/** `pkg:deb/ubuntu/linux@5.15.0-105.115?arch=source&distro=jammy`, by the purl specification's rules for `deb`. */
const targetOf = (purl: string) => {
  const [, name, version, qualifiers] = /^pkg:deb\/ubuntu\/([^@?#]+)(?:@([^?#]+))?\?([^#]+)/.exec(purl) ?? []
  if (name === undefined || qualifiers === undefined || !isUbuntuKernel(name)) return null
  const given = new URLSearchParams(qualifiers.replaceAll('+', '%2B'))
  const product = ubuntuProduct(given.get('distro') ?? '')
  if (product === null || (given.get('arch') ?? 'source') !== 'source') return null
  return { product, package: name, version: version === undefined ? null : decoded(version).slice(0, 128) }
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
