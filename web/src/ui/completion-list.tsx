import type { KeyboardEvent, RefObject } from 'react'
import { HostText } from './host-text.tsx'

interface ListedCompletion {
  /** Shown, and told apart by. */
  readonly text: string
  readonly about?: string
}

/** What completes the word that is typed, below its field. The field keeps the focus and points into the list. */
export const CompletionList = <Completion extends ListedCompletion>({
  id,
  label,
  completions,
  active,
  onTake,
  element,
}: {
  id: string
  label: string
  completions: readonly Completion[]
  /** Place of the one that Enter would take; -1: none. */
  active: number
  onTake: (completion: Completion) => void
  element?: RefObject<HTMLDivElement | null>
}) => (
  <div
    ref={element}
    id={`${id}-list`}
    role="listbox"
    aria-label={label}
    hidden={completions.length === 0}
    // Over what follows: were it in between, closing it would move a button away under the pointer.
    className="absolute top-full right-0 left-0 z-20 mt-1 max-h-80 max-w-[520px] animate-appear overflow-y-auto rounded-pop border border-line-2 bg-raised p-1 shadow-pop"
  >
    {completions.map((completion, index) => (
      <div
        key={completion.text}
        id={`${id}-${index}`}
        role="option"
        tabIndex={-1}
        aria-selected={index === active}
        // The field keeps the focus, or its list would close before the click.
        onMouseDown={(event) => event.preventDefault()}
        onClick={() => onTake(completion)}
        onKeyDown={() => {}}
        className="flex h-8 cursor-pointer items-center gap-3 rounded-[4px] px-2 hover:bg-hover aria-selected:bg-ink/8 touch:h-11"
      >
        <span className="mono max-w-full flex-none truncate text-[12px]">
          <HostText value={completion.text} max={80} />
        </span>
        {completion.about ? <span className="truncate text-12 text-ink-3">{completion.about}</span> : null}
      </div>
    ))}
  </div>
)

/** What a field with such a list tells of it to readers. */
export const completionAria = (id: string, many: number, active: number) =>
  ({
    role: 'combobox',
    'aria-expanded': many > 0,
    'aria-controls': `${id}-list`,
    'aria-autocomplete': 'list',
    'aria-activedescendant': active >= 0 ? `${id}-${active}` : undefined,
  }) as const

/** The place that an arrow leads to, round and round; undefined: another key. */
export const arrowPlace = ({ key }: KeyboardEvent, active: number, many: number): number | undefined => {
  if (key !== 'ArrowDown' && key !== 'ArrowUp') return undefined
  const step = key === 'ArrowDown' ? 1 : -1
  return many === 0 ? -1 : (active + step + (active < 0 && step < 0 ? 1 : 0) + many) % many
}
