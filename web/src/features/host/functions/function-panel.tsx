import type {
  RedirectedFunction,
  RedirectedObject,
  RedirectionMap,
} from '@rebootless/shared/contract/host-redirections.ts'
import { Check, CircleDashed, CircleHelp, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { count, percent, plural } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { ftraceSentence, reachesOf, whySeveral } from './function-words.ts'

const FTRACE_ICON = { confirmed: Check, missing: X, waiting: CircleDashed, unknown: CircleHelp }
const FILL = { new: 'bg-new-fill', old: 'bg-old-fill', none: 'border border-line-3' }
const TEXT = { new: 'text-new-text', old: 'text-old-text', none: 'text-ink-3' }

/** All about the chosen function. */
export const FunctionPanel = ({
  object,
  chosen,
  tasks,
}: {
  object: RedirectedObject
  chosen: RedirectedFunction
  tasks: RedirectionMap['tasks']
}) => {
  const reaches = reachesOf(chosen)
  const several = whySeveral(chosen, object)
  const Icon = FTRACE_ICON[chosen.ftrace]
  const amount = (share: number | null) =>
    share === null
      ? 'not known'
      : share === 0
        ? 'none'
        : tasks
          ? plural(Math.round(share * tasks.total), 'task')
          : percent(share)
  return (
    <div className="animate-appear" key={`${object.name} ${chosen.name}`}>
      <Part>
        <h3 className="mono text-[14px] font-semibold wrap-anywhere">
          <HostText value={chosen.name} max={512} />
        </h3>
        <p className="mt-0.5 text-12 text-ink-3">
          <code className="mono">
            <HostText value={object.name} max={64} />
          </code>
          , sympos {chosen.sympos}, {plural(chosen.entries.length, 'replacement')} deep
        </p>
      </Part>
      <Part word="What a call reaches now">
        {object.loaded === false ? (
          <p className="text-ink-2">
            Nothing yet: the module is not loaded. The function is redirected while the module loads.
          </p>
        ) : (
          <>
            <div aria-hidden className="flex h-2 gap-px overflow-hidden rounded-[1.5px] bg-sunken">
              {reaches.map((reach) => (
                <i
                  key={reach.key}
                  className={`basis-0 transition-[flex-grow] duration-(--motion-calm) ${reach.share ? FILL[reach.side] : ''}`}
                  style={{ flexGrow: reach.share ?? 0 }}
                />
              ))}
            </div>
            <ul className="mt-2 grid grid-cols-[minmax(0,1fr)] gap-1.5">
              {reaches.map((reach) => (
                <li key={reach.key} className="flex min-w-0 items-baseline gap-2">
                  <i
                    aria-hidden
                    className={`size-2.5 flex-none rounded-[2px] ${reach.share ? FILL[reach.side] : FILL.none}`}
                  />
                  <span className="min-w-0 flex-1 wrap-anywhere">
                    {reach.patch === null ? (
                      <span className="text-ink-2">original</span>
                    ) : (
                      <code className="mono text-[12px]">
                        <HostText value={reach.patch} max={64} />
                      </code>
                    )}
                    {reach.note === '' ? '' : <span className="text-12 text-ink-3"> {reach.note}</span>}
                  </span>
                  <span className={`font-medium whitespace-nowrap ${reach.share ? TEXT[reach.side] : TEXT.none}`}>
                    {amount(reach.share)}
                  </span>
                </li>
              ))}
            </ul>
          </>
        )}
      </Part>
      {several === null ? null : (
        <Part word="Why two at once">
          <p className="text-ink-2">{several}</p>
        </Part>
      )}
      <Part word="ftrace says">
        {chosen.ftraceLine === null ? null : (
          <code className="mono mb-2 block rounded-control bg-sunken px-3 py-2 text-[12px] leading-[18px] wrap-anywhere text-ink-2">
            <HostText value={chosen.ftraceLine.replace(/\s+/g, ' ')} max={512} />
          </code>
        )}
        <p className={`flex gap-2 ${chosen.ftrace === 'missing' ? 'text-danger-text' : 'text-ink-2'}`}>
          <Icon size={14} aria-hidden className="mt-[3px] flex-none" />
          <span>{ftraceSentence(chosen.ftrace)}</span>
        </p>
      </Part>
    </div>
  )
}

const Part = ({ word, children }: { word?: string; children: ReactNode }) => (
  <div className="border-b border-line px-5 py-4 max-desk:px-4">
    {word ? <h4 className="mb-2 text-11 font-medium text-ink-3">{word}</h4> : null}
    {children}
  </div>
)

/** Before a function is chosen: the map in one paragraph. */
export const MapSummary = ({ map }: { map: RedirectionMap }) => {
  const all = map.objects.flatMap((object) => object.functions)
  const by = (state: RedirectedFunction['ftrace']) => all.filter((one) => one.ftrace === state).length
  const moving = all.filter((one) =>
    one.entries.some((entry) => entry.share !== null && entry.share > 0 && entry.share < 1),
  ).length
  const rows: [string, number][] = [
    ['Functions redirected', all.length],
    ['Calls still move', moving],
    ['Confirmed by ftrace', by('confirmed')],
    ['Wait for their module', by('waiting')],
    ['Missing in ftrace', by('missing')],
    ['ftrace not read', by('unknown')],
  ]
  return (
    <div className="px-5 py-4 max-desk:px-4">
      <h3 className="text-13">The map in figures</h3>
      <dl className="mt-2">
        {rows
          .filter(([, value], index) => index === 0 || value > 0)
          .map(([word, value]) => (
            <div key={word} className="flex justify-between border-b border-line py-1.5">
              <dt className="text-ink-3">{word}</dt>
              <dd className={word.startsWith('Missing') ? 'font-semibold text-danger-text' : 'font-medium'}>
                {count(value)}
              </dd>
            </div>
          ))}
      </dl>
      <p className="mt-3 text-12 text-ink-3">
        Choose a function to see what a call of it reaches, task by task, and what ftrace says of it.
      </p>
    </div>
  )
}
