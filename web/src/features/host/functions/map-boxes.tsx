// biome-ignore-all lint/a11y/noStaticElementInteractions: the picture is for the pointer; arrow keys choose on its frame, and the table has all of it
// biome-ignore-all lint/a11y/useKeyWithClickEvents: as above
import { count, percent } from '../../../ui/duration.ts'
import { visibleText } from '../../../ui/host-text.tsx'
import { StateShape } from '../../../ui/state-glyph.tsx'
import type { MapBox, MapLayout, MapRow, ObjectBox, PatchBox } from './map-parts.ts'

/** Width of a character of the mono face at 12 px and of the sans face at 11 px, for cutting what does not fit. */
const MONO = 7.1
const SANS = 5.9

const fitted = (text: string, width: number, character: number): string =>
  visibleText(text, Math.max(4, Math.floor(width / character)))

/** What stands at the right of an object's head. */
const objectNote = (box: ObjectBox): string => {
  if (box.folded) return `${count(box.functionCount)} folded`
  if (box.key === 'vmlinux') return 'always loaded'
  if (box.loaded === false) return 'module not loaded'
  return box.loaded ? 'loaded' : 'not known if loaded'
}

const patchNote = ({ patch, folded, entryCount, rows }: PatchBox): string => {
  if (folded) return `not reached, ${count(entryCount)} folded`
  const moving = rows.find((row) => row.share !== null && row.share > 0 && row.share < 1)
  if (patch.state === 'patching') return patch.stalled ? 'stalled' : moving ? 'switching' : 'patching'
  if (patch.state === 'unpatching') return patch.stalled ? 'stalled on the way out' : 'on its way out'
  return patch.forced ? `${patch.state}, forced` : patch.state
}

export const MapBoxes = ({
  layout,
  chosen,
  onChoose,
  onFold,
}: {
  layout: MapLayout
  chosen: string
  onChoose: (key: string) => void
  onFold: (key: string) => void
}) => (
  <>
    {layout.objects.map((box) => (
      <g key={box.key}>
        <Frame box={box} dashed={box.loaded === false} strong={false} onFold={() => onFold(`object ${box.key}`)} />
        <Head box={box} note={objectNote(box)} quiet={box.loaded === false} />
        <Rows box={box} height={layout.rowHeight} chosen={chosen} onChoose={onChoose} quiet={box.loaded === false} />
      </g>
    ))}
    {layout.patches.map((box) => {
      const changing = box.patch.state === 'patching' || box.patch.state === 'unpatching'
      return (
        <g key={box.key}>
          <Frame box={box} dashed={box.folded} strong={changing} onFold={() => onFold(`patch ${box.key}`)} />
          <Head box={box} note={patchNote(box)} quiet={box.folded} patch={box} />
          <Rows box={box} height={layout.rowHeight} chosen={chosen} onChoose={onChoose} quiet={false} />
        </g>
      )
    })}
  </>
)

const Frame = ({
  box,
  dashed,
  strong,
  onFold,
}: {
  box: MapBox
  dashed: boolean
  strong: boolean
  onFold: () => void
}) => (
  <g onClick={onFold} className="cursor-pointer">
    <title>{box.folded ? 'Unfold' : 'Fold'}</title>
    <rect
      x={box.x + 0.5}
      y={box.y + 0.5}
      width={box.width - 1}
      height={box.height}
      rx="6"
      fill="var(--sheet)"
      stroke={strong ? 'var(--line-3)' : 'var(--line-2)'}
      strokeDasharray={dashed ? '4 3' : undefined}
    />
  </g>
)

const Head = ({ box, note, quiet, patch }: { box: MapBox; note: string; quiet: boolean; patch?: PatchBox }) => {
  const y = box.y + 18
  const lead = patch ? 32 : 11
  const noteWidth = note.length * SANS + 14
  const danger = patch?.patch.forced === true
  const moving = patch?.patch.state === 'patching' || patch?.patch.state === 'unpatching'
  return (
    <g pointerEvents="none">
      {patch ? (
        <svg x={box.x + 10} y={box.y + 7} width="14" height="14" viewBox="0 0 16 16" aria-hidden="true">
          <StateShape state={patch.patch.stalled ? 'stalled' : patch.folded ? 'superseded' : patch.patch.state} />
        </svg>
      ) : null}
      <text
        x={box.x + lead}
        y={y}
        fontSize="12"
        fontWeight="600"
        className="font-mono"
        fill={quiet ? 'var(--ink-3)' : 'var(--ink)'}
      >
        {fitted(box.key, box.width - lead - noteWidth, MONO)}
      </text>
      <text
        x={box.x + box.width - 11}
        y={y}
        fontSize="11"
        textAnchor="end"
        fill={danger ? 'var(--danger-text)' : moving ? 'var(--old-text)' : 'var(--ink-3)'}
      >
        {note}
      </text>
    </g>
  )
}

/** What a row says at its right: which share of tasks gets there, and in which colour. */
const endOf = (row: MapRow, waits: boolean): [text: string, colour: string] => {
  if (waits && row.kind !== 'original') return ['waits', 'var(--ink-3)']
  if (row.kind === 'noop') return ['no-op', 'var(--ink-3)']
  if (row.share === null) return ['?', 'var(--ink-3)']
  if (row.kind === 'original') return row.share > 0 ? [percent(row.share), 'var(--old-text)'] : ['', '']
  return row.share === 0
    ? ['none', 'var(--ink-3)']
    : [percent(row.share), row.old ? 'var(--old-text)' : 'var(--new-text)']
}

const Rows = ({
  box,
  height,
  chosen,
  onChoose,
  quiet,
}: {
  box: MapBox
  height: number
  chosen: string
  onChoose: (key: string) => void
  quiet: boolean
}) => {
  const size = height > 20 ? 12 : 11
  return box.rows.map((row) => {
    const waits = quiet || (row.share === null && row.kind === 'replacement')
    const [end, colour] = quiet && row.kind === 'original' ? ['', ''] : endOf(row, waits)
    const active = row.key === chosen
    return (
      <g key={row.key} onClick={() => onChoose(row.key)} className="group cursor-pointer">
        <rect
          x={box.x + 1.5}
          y={row.y - height / 2}
          width={box.width - 3}
          height={height}
          fill={active ? 'var(--sunken)' : 'transparent'}
          className={active ? '' : 'group-hover:fill-(--hover)'}
        />
        <text
          x={box.x + 11}
          y={row.y + 4}
          fontSize={size}
          fontWeight={active ? 600 : 400}
          className="font-mono"
          fill={quiet || end === 'none' || end === 'no-op' ? 'var(--ink-3)' : active ? 'var(--ink)' : 'var(--ink-2)'}
        >
          {fitted(row.name, box.width - 68, size === 12 ? MONO : MONO * 0.92)}
        </text>
        <text x={box.x + box.width - 11} y={row.y + 4} fontSize={size} fontWeight="500" textAnchor="end" fill={colour}>
          {end}
        </text>
      </g>
    )
  })
}
