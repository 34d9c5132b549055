import type { RedirectedFunction, RedirectionPatch } from '@rebootless/shared/contract/host-redirections.ts'

/** All lengths in the picture's own units, which are CSS pixels at zoom 1. */
export interface MapRow {
  key: string
  name: string
  y: number
  share: number | null
  kind: 'replacement' | 'noop' | 'unknown' | 'original'
  /** True where only tasks that have not switched get to. */
  old: boolean
}
export interface MapBox {
  key: string
  x: number
  y: number
  width: number
  height: number
  rows: MapRow[]
  folded: boolean
}
export interface ObjectBox extends MapBox {
  loaded: boolean | null
  functionCount: number
}
export interface PatchBox extends MapBox {
  patch: RedirectionPatch
  entryCount: number
}
export interface MapEdge {
  key: string
  function: string
  from: { x: number; y: number }
  to: { x: number; y: number }
  /** `dead`: no task goes there; `waiting`: the object is not there yet; `unknown`: the share cannot be told. */
  side: 'new' | 'old' | 'dead' | 'waiting' | 'unknown'
  /** True while tasks still move from one edge of this function to another. */
  moving: boolean
  width: number
}
export interface MapTick {
  key: string
  x: number
  y: number
  ftrace: RedirectedFunction['ftrace']
}
export interface MapLayout {
  width: number
  height: number
  rowHeight: number
  handler: { x: number; y: number; width: number; height: number }
  tickX: number
  objects: ObjectBox[]
  patches: PatchBox[]
  /** From a function through its ftrace hook into the handler. */
  calls: MapEdge[]
  /** From the handler on: to replacements, and back to the original. */
  edges: MapEdge[]
  ticks: MapTick[]
}
