import type { PatchSummary } from '@rebootless/shared/contract/patches.ts'
import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import type { RolloutTemplatePlan } from '@rebootless/shared/contract/rollout-templates.ts'
import { FIRST_PLAN } from '@rebootless/shared/domain/rollouts/shipped-templates.ts'

/** A plan that is being made. Numbers that cannot be read are NaN in it, and the server says so at their field. */
export interface Draft {
  /** Of the rollout that it becomes: who goes when hangs on it. */
  readonly id: string
  readonly plan: RolloutPlan
  /** What was written as YAML and is not taken into the plan, because it has mistakes; null: nothing. */
  readonly text: string | null
}

export const newPlan = (template: RolloutTemplatePlan = FIRST_PLAN): RolloutPlan => ({
  ...template,
  ...{ name: '', reason: '', hosts: '', exclude: [], change: { kind: 'load', patches: [], downgrade: false } },
})

/** The same again, with a name of its own and a reason that is yet to be given. */
export const copyOf = (plan: RolloutPlan): RolloutPlan => ({
  ...plan,
  ...{ name: `${plan.name.slice(0, 112)}, again`, reason: '' },
})

export const templateOf = ({
  version,
  newcomers,
  livePatching,
  waves,
  gates,
  ...plan
}: RolloutPlan): RolloutTemplatePlan => ({
  ...{ version, newcomers, livePatching, waves, gates, limits: plan.limits, windows: plan.windows },
  ...{ budget: plan.budget, stalls: plan.stalls, vanished: plan.vanished },
})

export const changeOf = ({
  id,
  set,
  vendorUpdate,
}: Pick<PatchSummary, 'id' | 'set' | 'vendorUpdate'>): RolloutPlan['change'] =>
  vendorUpdate !== null
    ? { kind: 'update', provider: vendorUpdate.provider, level: vendorUpdate.level }
    : { kind: 'load', patches: set?.modules.map((module) => module.id) ?? [id], downgrade: false }

/** Whether choosing this entry of the catalogue comes to this change. */
export const isChangeOf = (change: RolloutPlan['change'], entry: PatchSummary): boolean => {
  const made = changeOf(entry)
  if (made.kind === 'load' && change.kind === 'load') {
    const patches = new Set(change.patches)
    return made.patches.length === patches.size && made.patches.every((id) => patches.has(id))
  }
  return made.kind === 'update' && change.kind === 'update'
    ? made.provider === change.provider && made.level === change.level
    : false
}

const keyOf = (origin: string) => `rebootless.rollout-draft:${origin}`

/** @param origin what the address asked for when it was begun: each has a draft of its own */
export const readDraft = (storage: Storage, origin: string): Draft | null => {
  try {
    const found: unknown = JSON.parse(storage.getItem(keyOf(origin)) ?? 'null')
    const { id, plan, text } = (found ?? {}) as Partial<Draft>
    if (typeof id !== 'string' || plan?.version !== 1 || !Array.isArray(plan.waves)) return null
    return { id, plan, text: typeof text === 'string' ? text : null }
  } catch {
    return null
  }
}

/** Null: nothing is kept. A browser that keeps nothing, or has no room, loses it with the page. */
export const writeDraft = (storage: Storage, origin: string, draft: Draft | null): void => {
  try {
    if (draft === null) storage.removeItem(keyOf(origin))
    else storage.setItem(keyOf(origin), JSON.stringify(draft))
  } catch {
    // Nothing that the person could do about it.
  }
}
