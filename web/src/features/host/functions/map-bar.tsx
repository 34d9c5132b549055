import { ImageDown, Maximize, Minus, Plus, Search, Spline, Table2 } from 'lucide-react'
import { type RefObject, useState } from 'react'
import { Button, IconButton } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { Segmented } from '../../../ui/segmented.tsx'
import { exportPng, exportSvg, type PicturedHost } from './export-picture.ts'

/** Search, legend, picture or table, zoom and export of the map. */
export const MapBar = ({
  view,
  find,
  zoom,
  picture,
  host,
  onChange,
  onZoom,
  onFit,
}: {
  view: 'picture' | 'table'
  find: string
  zoom: number
  picture: RefObject<SVGSVGElement | null>
  host: PicturedHost
  onChange: (search: { view?: 'picture' | 'table'; find?: string }) => void
  onZoom: (direction: 1 | -1) => void
  onFit: () => void
}) => {
  const [exporting, setExporting] = useState(false)
  return (
    <div className="flex min-h-13 flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-6 py-2 max-desk:px-4">
      <label className="flex h-8 w-48 items-center gap-2 rounded-control border border-line-3 px-2 text-ink-3 focus-within:outline-2 focus-within:outline-ink max-desk:w-full touch:h-11">
        <Search size={14} aria-hidden className="flex-none" />
        <span className="sr-only">Find a function, object or patch</span>
        <input
          type="search"
          data-page-filter
          placeholder="Function, object or patch"
          value={find}
          onChange={(event) => onChange({ find: event.target.value })}
          className="min-w-0 flex-1 bg-transparent text-12 text-ink outline-none placeholder:text-ink-3 touch:text-16"
        />
      </label>
      {view === 'picture' ? <Legend /> : null}
      <span className="ml-auto flex items-center gap-1">
        <Segmented
          label="Show as"
          value={view}
          onChange={(next) => onChange({ view: next })}
          segments={[
            { value: 'picture', label: 'Map', icon: <Spline size={14} aria-hidden /> },
            { value: 'table', label: 'Table', icon: <Table2 size={14} aria-hidden /> },
          ]}
        />
        {view === 'picture' ? (
          <>
            <IconButton aria-label="Zoom out" className="ml-2" disabled={zoom <= 0.25} onClick={() => onZoom(-1)}>
              <Minus size={16} aria-hidden />
            </IconButton>
            <IconButton aria-label="Zoom in" disabled={zoom >= 2} onClick={() => onZoom(1)}>
              <Plus size={16} aria-hidden />
            </IconButton>
            <IconButton aria-label="Fit the whole map" onClick={onFit}>
              <Maximize size={16} aria-hidden />
            </IconButton>
            <IconButton aria-label="Save the picture" aria-haspopup="dialog" onClick={() => setExporting(true)}>
              <ImageDown size={16} aria-hidden />
            </IconButton>
          </>
        ) : null}
      </span>
      {exporting ? (
        <Dialog label="Save the picture" onClose={() => setExporting(false)} className="max-w-[360px]">
          <div className="p-4">
            <h2 className="text-14">Save the picture</h2>
            <p className="mt-1 text-ink-3">The whole map as it is now, in the colours of this theme.</p>
            <div className="mt-4 flex gap-2">
              <Button
                kind="primary"
                size="large"
                onClick={() => {
                  if (picture.current) exportSvg(picture.current, host)
                  setExporting(false)
                }}
              >
                SVG
              </Button>
              <Button
                size="large"
                onClick={() => {
                  if (picture.current) void exportPng(picture.current, host)
                  setExporting(false)
                }}
              >
                PNG, double density
              </Button>
            </div>
          </div>
        </Dialog>
      ) : null}
    </div>
  )
}

const Legend = () => (
  <ul className="flex gap-4 text-12 text-ink-3 max-wide:hidden" aria-label="Legend">
    <li className="flex items-center gap-1.5">
      <i aria-hidden className="h-1.5 w-5 bg-new-fill" />
      new code
    </li>
    <li className="flex items-center gap-1.5">
      <i aria-hidden className="h-1 w-5 bg-old-fill" />
      old code
    </li>
    <li className="flex items-center gap-1.5">
      <i aria-hidden className="w-5 border-t-[1.5px] border-dotted border-line-3" />
      not live
    </li>
    <li className="max-[1560px]:hidden">Thickness is the share of tasks</li>
  </ul>
)
