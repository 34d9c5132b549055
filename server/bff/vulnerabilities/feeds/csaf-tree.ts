import * as z from 'zod'
import { UnreadableDocument } from './document.ts'

const text = z.string().max(2_000)
const FullName = z.object({
  product_id: text,
  name: text.optional(),
  product_identification_helper: z.object({ cpe: text.optional() }).optional(),
})
/** A branch is read when it is walked, and not by a schema that calls itself: how deep it goes is the document's word. */
const Branch = z.object({ branches: z.array(z.unknown()).max(200_000).optional(), product: FullName.optional() })

export const ProductTree = z.object({
  branches: z.array(z.unknown()).max(200_000).optional(),
  full_product_names: z.array(FullName).max(200_000).optional(),
  relationships: z
    .array(
      z.object({
        product_reference: text,
        relates_to_product_reference: text,
        full_product_name: z.object({ product_id: text }),
      }),
    )
    .max(1_000_000)
    .optional(),
})

export interface CsafProduct {
  readonly id: string
  readonly cpe: string | null
}
/** What a product id names: a component, and of what. */
export interface CsafComponent {
  readonly product: CsafProduct
  readonly component: string
}

const DEPTH_MAX = 32
const COMPONENT_CHARACTERS_MAX = 300

/** CSAF 2.0, section 3.2.2: products by their ids, and what is a component of what. */
export const readTree = (tree: z.infer<typeof ProductTree>): ((productId: string) => CsafComponent | null) => {
  const cpes = new Map<string, string>()
  const learn = (product: z.infer<typeof FullName> | undefined) => {
    const cpe = product?.product_identification_helper?.cpe
    if (product !== undefined && cpe !== undefined) cpes.set(product.product_id, cpe)
  }
  for (const product of tree.full_product_names ?? []) learn(product)
  let level = tree.branches ?? []
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth === DEPTH_MAX) throw new UnreadableDocument('Its product tree is nested deeper than any real one.')
    const below: unknown[] = []
    for (const given of level) {
      const branch = Branch.safeParse(given)
      if (!branch.success) continue
      learn(branch.data.product)
      for (const one of branch.data.branches ?? []) below.push(one)
    }
    level = below
  }
  const related = new Map(
    (tree.relationships ?? []).map((relation) => [
      relation.full_product_name.product_id,
      [relation.relates_to_product_reference, relation.product_reference] as const,
    ]),
  )
  return (productId) => {
    const pair = related.get(productId) ?? splitId(productId)
    if (pair === null) return null
    const [id, component] = pair
    // No package is called so; what takes it apart looks at each character many times.
    if (component.length > COMPONENT_CHARACTERS_MAX) return null
    return { product: { id, cpe: cpes.get(id) ?? null }, component }
  }
}

/** `PRODUCT:COMPONENT`, where the tree has no such relationship; a product of Red Hat's may end in `::appstream`. */
const splitId = (productId: string): readonly [string, string] | null => {
  const [, id, component] = /^([^:]+(?:::[^:]+)?):([^:].*)$/.exec(productId) ?? []
  return id === undefined || component === undefined ? null : [id, component]
}
