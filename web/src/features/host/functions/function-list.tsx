import type {
  RedirectedFunction,
  RedirectedObject,
  RedirectionMap,
} from '@rebootless/shared/contract/host-redirections.ts'
import { HostText, visibleText } from '../../../ui/host-text.tsx'
import { amountOf, type Reach, reachedNow } from './function-words.ts'
import { functionKeyOf } from './map-find.ts'

/** The same at 390 px: by object, a line for what calls reach on new code and one for what they still reach on old. */
export const FunctionList = ({
  map,
  chosen,
  onChoose,
}: {
  map: RedirectionMap
  chosen: string
  onChoose: (key: string) => void
}) => (
  <div>
    {map.objects.map((object) => (
      <section key={object.name} aria-label={`Functions of ${visibleText(object.name, 64)}`}>
        <h3 className="flex items-baseline gap-2 border-b border-line bg-paper px-4 py-2 text-12">
          <span className="mono font-semibold">
            <HostText value={object.name} max={64} />
          </span>
          <span className="text-ink-3">{object.loaded === false ? 'module not loaded' : 'loaded'}</span>
        </h3>
        <ul>
          {object.functions.map((one) => {
            const key = functionKeyOf(object.name, one)
            return (
              <li key={key} className={`border-b border-line ${key === chosen ? 'bg-sunken' : ''}`}>
                <button
                  type="button"
                  aria-pressed={key === chosen}
                  onClick={() => onChoose(key)}
                  className="grid min-h-11 w-full grid-cols-1 gap-0.5 px-4 py-2.5 text-left focus-visible:-outline-offset-2"
                >
                  <Row object={object} one={one} tasks={map.tasks} />
                </button>
              </li>
            )
          })}
        </ul>
      </section>
    ))}
  </div>
)

const Row = ({
  object,
  one,
  tasks,
}: {
  object: RedirectedObject
  one: RedirectedFunction
  tasks: RedirectionMap['tasks']
}) => {
  const { onNew, onOld } = reachedNow(one)
  return (
    <>
      <span className="flex items-baseline justify-between gap-3">
        <span className="mono min-w-0 text-[13px] font-medium wrap-anywhere">
          <HostText value={one.name} max={200} />
          {one.sympos > 1 ? <span className="text-ink-3">, sympos {one.sympos}</span> : null}
        </span>
        <span className={`text-12 whitespace-nowrap ${one.ftrace === 'missing' ? 'text-danger-text' : 'text-ink-3'}`}>
          {one.ftrace === 'waiting' ? 'no hook yet' : `ftrace ${one.ftrace}`}
        </span>
      </span>
      {object.loaded === false ? (
        <span className="text-12 text-ink-3">waits for its module</span>
      ) : (
        <>
          <ReachLine reach={onNew} word="new" tone="text-new-text" amount={amountOf(onNew?.share, tasks)} />
          {onOld ? (
            <ReachLine reach={onOld} word="old" tone="text-old-text" amount={amountOf(onOld.share, tasks)} />
          ) : null}
        </>
      )}
    </>
  )
}

const ReachLine = ({
  reach,
  word,
  tone,
  amount,
}: {
  reach: Reach | undefined
  word: string
  tone: string
  amount: string
}) => (
  <span className="flex items-baseline gap-2 text-12">
    <span className="w-7 text-ink-3">{word}</span>
    <span className="mono min-w-0 flex-1 truncate text-ink-2">
      {!reach || reach.patch === null ? 'original' : <HostText value={reach.patch} max={64} />}
    </span>
    <span className={`font-medium ${tone}`}>{amount}</span>
  </span>
)
