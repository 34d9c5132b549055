import type { LabSetting, SweepPoint } from '@rebootless/server/sim/lab/lab-run.ts'
import type { System } from '@rebootless/server/sim/models/model.ts'
import type { Swept } from './lab-setting.ts'
import type { PackedRun } from './packed-run.ts'

/** What the page asks of a worker: one thing, and then it ends. */
export type LabRequest =
  | { readonly kind: 'run'; readonly setting: LabSetting; readonly systems: readonly System[] }
  | { readonly kind: 'sweep'; readonly setting: LabSetting; readonly over: Swept }

/** What a worker answers, in this order: results one by one, then that it is through, or what went wrong. */
export type LabAnswer =
  | { readonly kind: 'run'; readonly run: PackedRun }
  | { readonly kind: 'point'; readonly point: SweepPoint; readonly done: number; readonly of: number }
  | { readonly kind: 'through' }
  | { readonly kind: 'failed'; readonly message: string }
