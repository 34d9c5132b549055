import type { ModuleFacts, PatchedObject } from '@rebootless/shared/contract/module-facts.ts'
import { useMemo } from 'react'
import { count, plural } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { FindField } from './find-field.tsx'
import { VirtualList, type VirtualRow } from './virtual-list.tsx'

const holds = (text: string | null, wanted: string): boolean => text?.toLowerCase().includes(wanted) === true

/** Objects with those of their functions that hold the text in a name; all of an object whose own name holds it. */
const foundIn = (objects: readonly PatchedObject[], find: string) => {
  const wanted = find.trim().toLowerCase()
  return objects
    .map((object) => {
      const whole = wanted === '' || holds(object.name ?? 'vmlinux', wanted)
      const functions = object.functions.filter(
        (one) => whole || holds(one.name, wanted) || holds(one.replacement, wanted),
      )
      return { ...object, functions, whole }
    })
    .filter(({ functions, whole }) => whole || functions.length > 0)
}

const rowsOf = (objects: ReturnType<typeof foundIn>): VirtualRow[] =>
  objects.flatMap((object) => [
    {
      key: `object ${object.name ?? ''}`,
      height: 36,
      content: (
        <h3 className="flex h-full items-center gap-2 border-b border-line bg-paper px-6 text-12 max-desk:px-4">
          <span className="mono font-semibold">
            <HostText value={object.name ?? 'vmlinux'} max={64} />
          </span>
          <span className="truncate font-normal text-ink-3">
            {object.name === null ? 'the kernel itself, ' : 'a module, '}
            {plural(object.functions.length, 'function')}
            {object.callbacks.length === 0 ? '' : `, ${object.callbacks.join(', ')}`}
          </span>
        </h3>
      ),
    },
    ...object.functions.map((one) => ({
      key: `${object.name ?? ''} ${one.name} ${one.sympos}`,
      height: 32,
      content: (
        <div className="mono flex h-full items-center gap-x-4 border-b border-line px-6 text-[12px] max-desk:px-4">
          <span className="min-w-0 flex-1 truncate">
            <HostText value={one.name} max={512} />
            {one.sympos > 1 ? <span className="text-ink-3">, sympos {one.sympos}</span> : null}
          </span>
          <span className="min-w-0 flex-1 truncate text-ink-3 max-desk:hidden">
            {one.replacement === null ? (
              'replacement not shown'
            ) : one.replacement === one.name ? (
              'by one of the same name'
            ) : (
              <HostText value={one.replacement} max={512} />
            )}
          </span>
        </div>
      ),
    })),
  ])

/** What a module replaces, by object; of hundreds too. */
export const PatchedFunctions = ({
  facts,
  find,
  onFind,
}: {
  facts: ModuleFacts | null
  find: string
  onFind: (find: string) => void
}) => {
  const objects = facts?.objects ?? null
  const found = useMemo(() => foundIn(objects ?? [], find), [objects, find])
  const rows = useMemo(() => rowsOf(found), [found])
  if (objects === null) {
    return (
      <p className="px-6 py-8 text-ink-2 max-desk:px-4">
        Which functions it replaces is not known.{' '}
        {facts?.unread ? <HostText value={facts.unread} /> : 'Its file was not read: upload it again.'}
      </p>
    )
  }
  const all = objects.reduce((sum, { functions }) => sum + functions.length, 0)
  const shown = found.reduce((sum, { functions }) => sum + functions.length, 0)
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-6 py-2.5 max-desk:px-4">
        <FindField label="Function, object or replacement" value={find} onChange={onFind} />
        <p role="status" className="text-12 text-ink-3">
          {shown === all ? plural(all, 'function') : `${count(shown)} of ${plural(all, 'function')}`}
        </p>
      </div>
      {rows.length === 0 ? (
        <p className="px-6 py-8 text-ink-2 max-desk:px-4">
          {all === 0 ? 'It replaces no function.' : 'No function of it has that in its name.'}
        </p>
      ) : (
        <VirtualList label="Functions" rows={rows} />
      )}
    </>
  )
}
