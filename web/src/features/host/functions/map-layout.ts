import type {
  RedirectedFunction,
  RedirectionMap,
  RedirectionPatch,
} from '@rebootless/shared/contract/host-redirections.ts'

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

export const functionKeyOf = (object: string, one: { name: string; sympos: number }): string =>
  `${object},${one.name},${one.sympos}`

/** Patches that no call reaches any more: folded unless the reader opens them. */
export const unreachedPatches = (map: RedirectionMap): string[] => {
  const entries = map.objects.flatMap((object) =>
    object.loaded === false ? [] : object.functions.flatMap((one) => one.entries),
  )
  return map.patches
    .filter(({ name }) => {
      const own = entries.filter((entry) => entry.patch === name)
      return own.length > 0 && own.every((entry) => entry.share === 0)
    })
    .map(({ name }) => name)
}

/** Which part of the map holds `find` in the name of a function, an object or a patch. Empty finds all. */
export const foundIn = (map: RedirectionMap, find: string): RedirectionMap => {
  const text = find.trim().toLowerCase()
  if (text === '') return map
  const objects = map.objects
    .map((object) => ({
      ...object,
      functions: object.functions.filter(
        (one) =>
          one.name.toLowerCase().includes(text) ||
          object.name.toLowerCase().includes(text) ||
          one.entries.some((entry) => entry.patch.toLowerCase().includes(text)),
      ),
    }))
    .filter((object) => object.functions.length > 0)
  return { ...map, objects, functionCount: objects.reduce((sum, object) => sum + object.functions.length, 0) }
}

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

  const calls: MapEdge[] = []
  const edges: MapEdge[] = []
  const ticks: MapTick[] = []
  const thickness = (share: number | null) => (share === null ? 1.5 : Math.max(1.25, share * thickest))
  for (const object of map.objects)
    for (const one of object.functions) {
      const key = functionKeyOf(object.name, one)
      const rowY = leftY.get(key) ?? TOP
      const waits = object.loaded === false
      const live = one.entries.filter((entry) => (entry.share ?? 0) > 0).length + ((one.originalShare ?? 0) > 0 ? 1 : 0)
      const moving = live > 1
      const returns = !waits && one.originalShare !== 0 && one.entries.length > 0
      const callY = returns ? rowY - 4 : rowY
      calls.push({
        key: `${key} call`,
        function: key,
        from: { x: side, y: callY },
        to: { x: handlerX, y: callY },
        side: waits ? 'waiting' : 'dead',
        moving,
        width: 1.25,
      })
      ticks.push({ key, x: tickX, y: callY, ftrace: waits ? 'waiting' : one.ftrace })
      if (returns) {
        const noopShare = one.entries.find((entry) => entry.kind === 'noop' && (entry.share ?? 0) > 0)?.share ?? 0
        const onOld = one.originalShare === null || one.originalShare > noopShare + 1e-9
        edges.push({
          key: `${key} original`,
          function: key,
          from: { x: handlerX, y: rowY + 4 },
          to: { x: side, y: rowY + 4 },
          side: one.originalShare === null ? 'unknown' : onOld ? 'old' : 'new',
          moving,
          width: Math.min(thickness(one.originalShare), thickest * 0.6),
        })
      }
      one.entries.forEach((entry, index) => {
        const to = rightY.get(`${entry.patch} ${key}`)
        if (to === undefined) return
        const dead = entry.share === 0 || (entry.kind === 'noop' && !waits)
        edges.push({
          key: `${key} ${entry.patch}`,
          function: key,
          from: { x: handlerX + HANDLER_WIDTH, y: rowY },
          to: { x: rightX, y: to },
          side: waits ? 'waiting' : dead ? 'dead' : entry.share === null ? 'unknown' : index === 0 ? 'new' : 'old',
          moving,
          width: waits || dead ? 1 : thickness(entry.share),
        })
      })
    }
  // Faint edges lie under live ones, and pale ones under those that move.
  const weight = (edge: MapEdge) => (edge.side === 'dead' || edge.side === 'waiting' ? 0 : edge.moving ? 2 : 1)
  edges.sort((left, right) => weight(left) - weight(right))
  return {
    width,
    height: bottom + 8,
    rowHeight,
    handler: { x: handlerX, y: TOP, width: HANDLER_WIDTH, height: bottom - TOP },
    tickX,
    objects,
    patches,
    calls,
    edges,
    ticks,
  }
}
