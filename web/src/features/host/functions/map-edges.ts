import type { RedirectionMap } from '@rebootless/shared/contract/host-redirections.ts'
import { functionKeyOf } from './map-find.ts'
import type { MapEdge, MapLayout, MapTick } from './map-parts.ts'

/** Where the boxes stand, as far as lines need to know. */
interface Places {
  /** Middle of each original's row, by function key. */
  leftY: ReadonlyMap<string, number>
  /** Middle of each replacement's row, by `PATCH FUNCTION-KEY`. */
  rightY: ReadonlyMap<string, number>
  side: number
  tickX: number
  handlerX: number
  handlerWidth: number
  rightX: number
  top: number
  /** Width of a line that all tasks take. */
  thickest: number
}

/** The lines of the map: calls into the handler, and from there to what they reach, as wide as the share of tasks. */
export const edgesOf = (map: RedirectionMap, place: Places): Pick<MapLayout, 'calls' | 'edges' | 'ticks'> => {
  const calls: MapEdge[] = []
  const edges: MapEdge[] = []
  const ticks: MapTick[] = []
  const thickness = (share: number | null) => (share === null ? 1.5 : Math.max(1.25, share * place.thickest))
  for (const object of map.objects)
    for (const one of object.functions) {
      const key = functionKeyOf(object.name, one)
      const rowY = place.leftY.get(key) ?? place.top
      const waits = object.loaded === false
      const live = one.entries.filter((entry) => (entry.share ?? 0) > 0).length + ((one.originalShare ?? 0) > 0 ? 1 : 0)
      const moving = live > 1
      const returns = !waits && one.originalShare !== 0 && one.entries.length > 0
      const callY = returns ? rowY - 4 : rowY
      calls.push({
        key: `${key} call`,
        function: key,
        from: { x: place.side, y: callY },
        to: { x: place.handlerX, y: callY },
        side: waits ? 'waiting' : 'dead',
        moving,
        width: 1.25,
      })
      ticks.push({ key, x: place.tickX, y: callY, ftrace: waits ? 'waiting' : one.ftrace })
      if (returns) {
        const noopShare = one.entries.find((entry) => entry.kind === 'noop' && (entry.share ?? 0) > 0)?.share ?? 0
        const onOld = one.originalShare === null || one.originalShare > noopShare + 1e-9
        edges.push({
          key: `${key} original`,
          function: key,
          from: { x: place.handlerX, y: rowY + 4 },
          to: { x: place.side, y: rowY + 4 },
          side: one.originalShare === null ? 'unknown' : onOld ? 'old' : 'new',
          moving,
          width: Math.min(thickness(one.originalShare), place.thickest * 0.6),
        })
      }
      one.entries.forEach((entry, index) => {
        const to = place.rightY.get(`${entry.patch} ${key}`)
        if (to === undefined) return
        const dead = entry.share === 0 || (entry.kind === 'noop' && !waits)
        edges.push({
          key: `${key} ${entry.patch}`,
          function: key,
          from: { x: place.handlerX + place.handlerWidth, y: rowY },
          to: { x: place.rightX, y: to },
          side: waits ? 'waiting' : dead ? 'dead' : entry.share === null ? 'unknown' : index === 0 ? 'new' : 'old',
          moving,
          width: waits || dead ? 1 : thickness(entry.share),
        })
      })
    }
  // Faint edges lie under live ones, and pale ones under those that move.
  const weight = (edge: MapEdge) => (edge.side === 'dead' || edge.side === 'waiting' ? 0 : edge.moving ? 2 : 1)
  edges.sort((left, right) => weight(left) - weight(right))
  return { calls, edges, ticks }
}
