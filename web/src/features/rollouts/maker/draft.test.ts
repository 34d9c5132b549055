// Goal: what was written is there again after the page was loaded anew, and what a link chose is what is rolled out.
// Method: drafts written to and read from a storage, plans and entries of the catalogue by hand.
import type { PatchSummary } from '@rebootless/shared/contract/patches.ts'
import { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import { RolloutTemplatePlan } from '@rebootless/shared/contract/rollout-templates.ts'
import { afterEach, describe, expect, test } from 'vitest'
import { changeOf, copyOf, isChangeOf, newPlan, readDraft, templateOf, writeDraft } from './draft.ts'

afterEach(() => sessionStorage.clear())

const [A, B] = ['a'.repeat(64), 'b'.repeat(64)]
const plan = (): RolloutPlan =>
  RolloutPlan.parse({ ...newPlan(), name: 'fix', reason: 'x', hosts: 'name:*', change: { kind: 'load', patches: [A] } })
const entry = (part: Partial<PatchSummary>) => ({ id: A, set: null, vendorUpdate: null, ...part }) as PatchSummary
const set = entry({
  id: '5f0c1d6e-0000-4000-8000-000000000000',
  set: { modules: [A, B].map((id) => ({ id })) } as never,
})

describe('a draft', () => {
  test('comes back for the address that it was written at, with what cannot be read as a number left blank', () => {
    const broken = { ...plan(), budget: { failures: Number.NaN, whenSpent: 'pause' as const } }
    writeDraft(sessionStorage, '{"patch":"x"}', { id: 'one', plan: broken, text: 'kind:' })
    expect(readDraft(sessionStorage, '')).toBeNull()
    const read = readDraft(sessionStorage, '{"patch":"x"}')
    expect(read).toMatchObject({ id: 'one', text: 'kind:', plan: { name: 'fix', budget: { failures: null } } })
    writeDraft(sessionStorage, '{"patch":"x"}', null)
    expect(readDraft(sessionStorage, '{"patch":"x"}')).toBeNull()
  })

  test.each(['', 'nonsense', '{}', '{"id":"one","plan":{"version":2,"waves":[]}}', '[]', '{"id":"one","plan":null}'])(
    'that is none is not taken for one: %s',
    (kept) => {
      sessionStorage.setItem('rebootless.rollout-draft:', kept)
      expect(readDraft(sessionStorage, '')).toBeNull()
    },
  )

  test('is not kept where the browser keeps nothing, and nobody is troubled', () => {
    const full = {
      setItem: () => {
        throw new DOMException('full', 'QuotaExceededError')
      },
    } as unknown as Storage
    expect(() => writeDraft(full, '', { id: 'one', plan: plan(), text: null })).not.toThrow()
  })
})

describe('a plan', () => {
  test('again has another name and wants a reason of its own', () => {
    const again = copyOf({ ...plan(), name: 'n'.repeat(120) })
    expect([again.name.length <= 120, again.reason, again.change]).toEqual([true, '', plan().change])
  })

  test('as a template is without its change, its hosts and its reason', () => {
    expect(RolloutTemplatePlan.parse(templateOf(plan()))).toEqual(templateOf(plan()))
  })

  test('loads what was chosen: a module, or those of a set in any order', () => {
    expect(changeOf(entry({}))).toEqual({ kind: 'load', patches: [A], downgrade: false })
    expect(isChangeOf({ kind: 'load', patches: [B, A], downgrade: true }, set)).toBe(true)
    expect(isChangeOf({ kind: 'load', patches: [A], downgrade: false }, set)).toBe(false)
    const vendor = entry({ vendorUpdate: { provider: 'kernelcare', level: null } as never })
    expect(isChangeOf(changeOf(vendor), vendor)).toBe(true)
    expect(isChangeOf(changeOf(vendor), entry({}))).toBe(false)
  })
})
