import type { RedirectionMap } from '@rebootless/shared/contract/host-redirections.ts'
import { edgesOf } from './map-edges.ts'
import { functionKeyOf } from './map-find.ts'
import type { MapLayout, MapRow, ObjectBox, PatchBox } from './map-parts.ts'

export interface LayoutOptions {
  width: number
  /** Objects and patches that are folded to their heads, by `object NAME` and `patch NAME`. */
  folded: ReadonlySet<string>
}

const TOP = 36
const HEAD = 28
const BOX_GAP = 10
const FOOT = 6
const HANDLER_WIDTH = 28
/** Above this many functions rows draw closer together. */
const MANY = 80

const columnsOf = (width: number) => {
  const side = Math.min(300, Math.max(190, Math.round(width * 0.32)))
  const between = width - 2 * side
  return {
    side,
    tickX: side + Math.round(between * 0.13),
    handlerX: side + Math.round(between * 0.42) - HANDLER_WIDTH / 2,
  }
}

/**
 * Places originals by object at the left, the handler in the middle, replacements by patch at the right, newest on top.
 * Rows of a patch stand in the order of the originals, so that edges cross as little as they can. Pure: the same map
 * and options give the same picture.
 */
export const layoutMap = (map: RedirectionMap, options: LayoutOptions): MapLayout => {
  const { width, folded } = options
  const rowHeight = map.functionCount > MANY ? 17 : 23
  const thickest = rowHeight > 20 ? 10 : 7
  const { side, tickX, handlerX } = columnsOf(width)
  const rightX = width - side

  let y = TOP
  const leftY = new Map<string, number>()
  const objects = map.objects.map((object): ObjectBox => {
    const isFolded = folded.has(`object ${object.name}`)
    const top = y
    const rows = object.functions.map((one, index): MapRow => {
      const key = functionKeyOf(object.name, one)
      const rowY = isFolded ? top + HEAD / 2 : top + HEAD + (index + 0.5) * rowHeight
      leftY.set(key, rowY)
      return { key, name: one.name, y: rowY, share: one.originalShare, kind: 'original', old: true }
    })
    const height = HEAD + (isFolded ? 0 : rows.length * rowHeight + FOOT)
    y += height + BOX_GAP
    const shown = isFolded ? [] : rows
    const { name, loaded } = object
    return {
      key: name,
      x: 0,
      y: top,
      width: side,
      height,
      rows: shown,
      folded: isFolded,
      loaded,
      functionCount: rows.length,
    }
  })
  const leftBottom = y - BOX_GAP

  y = TOP
  const rightY = new Map<string, number>()
  const patches = map.patches.map((patch): PatchBox => {
    const isFolded = folded.has(`patch ${patch.name}`)
    const top = y
    const rows: MapRow[] = []
    for (const object of map.objects)
      for (const one of object.functions) {
        const place = one.entries.findIndex((candidate) => candidate.patch === patch.name)
        const entry = one.entries[place]
        if (!entry) continue
        const key = functionKeyOf(object.name, one)
        const rowY = isFolded ? top + HEAD / 2 : top + HEAD + (rows.length + 0.5) * rowHeight
        rightY.set(`${patch.name} ${key}`, rowY)
        const share = object.loaded === false ? null : entry.share
        rows.push({ key, name: one.name, y: rowY, share, kind: entry.kind, old: place > 0 })
      }
    const height = HEAD + (isFolded || rows.length === 0 ? 0 : rows.length * rowHeight + FOOT)
    y += height + BOX_GAP
    return {
      key: patch.name,
      x: rightX,
      y: top,
      width: side,
      height,
      rows: isFolded ? [] : rows,
      folded: isFolded,
      patch,
      entryCount: rows.length,
    }
  })
  const bottom = Math.max(leftBottom, y - BOX_GAP, TOP + HEAD)

  const lines = edgesOf(map, {
    leftY,
    rightY,
    side,
    tickX,
    handlerX,
    rightX,
    thickest,
    top: TOP,
    handlerWidth: HANDLER_WIDTH,
  })
  return {
    width,
    height: bottom + 8,
    rowHeight,
    handler: { x: handlerX, y: TOP, width: HANDLER_WIDTH, height: bottom - TOP },
    tickX,
    objects,
    patches,
    ...lines,
  }
}
