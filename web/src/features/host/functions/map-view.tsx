// biome-ignore-all lint/a11y/noNoninteractiveTabindex: one stop of the tab key, where arrows choose among the functions
// biome-ignore-all lint/a11y/useSemanticElements: a fieldset is for forms
import type { RedirectionMap } from '@rebootless/shared/contract/host-redirections.ts'
import { type KeyboardEvent, type ReactNode, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { announce } from '../../../live/announcer.ts'
import { plural } from '../../../ui/duration.ts'
import { visibleText } from '../../../ui/host-text.tsx'
import type { PicturedHost } from './export-picture.ts'
import { MapBar } from './map-bar.tsx'
import { unreachedPatches } from './map-find.ts'
import { layoutMap } from './map-layout.ts'
import { RedirectionPicture } from './redirection-picture.tsx'

const NARROWEST = 720
const ZOOM_LEAST = 0.25
const ZOOM_MOST = 2
const ZOOM_STEP = 1.25

/** The map's frame: search, zoom, fit, folding, arrow keys, and the picture or its table. */
export const MapView = ({
  map,
  host,
  view,
  find,
  chosen,
  onChange,
  onChoose,
  table,
}: {
  map: RedirectionMap
  host: PicturedHost
  view: 'picture' | 'table'
  find: string
  chosen: string
  onChange: (search: { view?: 'picture' | 'table'; find?: string; function?: string }) => void
  onChoose: (key: string) => void
  table: ReactNode
}) => {
  const frame = useRef<HTMLDivElement>(null)
  const picture = useRef<SVGSVGElement>(null)
  const [width, setWidth] = useState(NARROWEST)
  const [zoom, setZoom] = useState(1)
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set())
  useLayoutEffect(() => {
    const element = frame.current
    if (!element || view !== 'picture') return
    const measure = () => setWidth(Math.max(NARROWEST, Math.min(1100, element.clientWidth - 48)))
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [view])
  const layout = useMemo(() => {
    const folded = new Set(unreachedPatches(map).map((name) => `patch ${name}`))
    for (const key of turned) if (!folded.delete(key)) folded.add(key)
    return layoutMap(map, { width, folded })
  }, [map, width, turned])
  const fold = useMemo(
    () => (key: string) =>
      setTurned((before) => {
        const next = new Set(before)
        if (!next.delete(key)) next.add(key)
        return next
      }),
    [],
  )
  const order = useMemo(() => layout.objects.flatMap((object) => object.rows), [layout])
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step === 0 || order.length === 0) return
    event.preventDefault()
    const at = order.findIndex((row) => row.key === chosen)
    const next = order[Math.min(order.length - 1, Math.max(0, at + step))]
    if (!next || next.key === chosen) return
    onChoose(next.key)
    announce(`${visibleText(next.name, 80)} chosen`)
    const top = next.y * zoom
    const element = frame.current
    if (element && (top < element.scrollTop + 40 || top > element.scrollTop + element.clientHeight - 40))
      element.scrollTop = top - element.clientHeight / 2
  }
  const fit = () => {
    const element = frame.current
    if (!element) return
    const both = Math.min((element.clientWidth - 48) / layout.width, (window.innerHeight - 220) / layout.height)
    setZoom(Math.min(1, Math.max(ZOOM_LEAST, both)))
    element.scrollTo({ top: 0, left: 0 })
  }
  const label = `Redirection map: ${plural(map.functionCount, 'function')} in ${plural(map.objects.length, 'object')}, ${plural(map.patches.length, 'patch', 'patches')}. The table holds the same.`
  return (
    <>
      <MapBar
        view={view}
        find={find}
        zoom={zoom}
        picture={picture}
        host={host}
        onChange={onChange}
        onZoom={(direction) =>
          setZoom((before) =>
            Math.min(ZOOM_MOST, Math.max(ZOOM_LEAST, direction > 0 ? before * ZOOM_STEP : before / ZOOM_STEP)),
          )
        }
        onFit={fit}
      />
      {view === 'table' ? (
        table
      ) : (
        <div
          ref={frame}
          role="group"
          aria-label="Redirection map, arrow keys choose a function"
          tabIndex={0}
          onKeyDown={onKey}
          className="max-h-[calc(100dvh-120px)] overflow-auto px-6 pt-3 pb-6 focus-visible:-outline-offset-2 max-desk:px-4"
        >
          <RedirectionPicture
            ref={picture}
            layout={layout}
            chosen={chosen}
            onChoose={onChoose}
            onFold={fold}
            label={label}
            zoom={zoom}
          />
        </div>
      )}
    </>
  )
}
