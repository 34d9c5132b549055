// biome-ignore-all lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
// biome-ignore-all lint/a11y/useSemanticElements: a section would need a heading to be named by
import type { RedirectionMap } from '@rebootless/shared/contract/host-redirections.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { amountOf, reachedNow } from './function-words.ts'
import { functionKeyOf } from './map-find.ts'

/** The map in words: a row a function. */
export const FunctionTable = ({
  map,
  chosen,
  onChoose,
}: {
  map: RedirectionMap
  chosen: string
  onChoose: (key: string) => void
}) => {
  const cell = 'border-b border-line py-2 pr-4 dense:py-1'
  const amount = (share: number | null | undefined) => amountOf(share, map.tasks)
  return (
    <div
      className="overflow-x-auto px-6 pb-6 max-desk:px-4"
      tabIndex={0}
      role="region"
      aria-label="Functions and what their calls reach"
    >
      <table className="w-full min-w-[720px] border-separate border-spacing-0">
        <thead className="text-11 text-ink-3">
          <tr>
            {['Object', 'Function', 'sympos', 'Reached on new', 'Tasks', 'Reached on old', 'Tasks', 'ftrace'].map(
              (word, index) => (
                <th
                  // biome-ignore lint/suspicious/noArrayIndexKey: two heads bear the same word
                  key={index}
                  scope="col"
                  className={`${cell} font-medium ${[2, 4, 6].includes(index) ? 'text-right' : ''}`}
                >
                  {word}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {map.objects.flatMap((object) =>
            object.functions.map((one) => {
              const key = functionKeyOf(object.name, one)
              const waits = object.loaded === false
              const { onNew, onOld } = reachedNow(one)
              return (
                <tr key={key} className={`hover:bg-hover ${key === chosen ? 'bg-sunken' : ''}`}>
                  <td className={`mono text-[12px] ${cell} text-ink-2`}>
                    <HostText value={object.name} max={64} />
                  </td>
                  <td className={cell}>
                    <button
                      type="button"
                      aria-pressed={key === chosen}
                      onClick={() => onChoose(key)}
                      className="mono text-left text-[12px] wrap-anywhere hover:underline aria-pressed:font-semibold touch:min-h-9"
                    >
                      <HostText value={one.name} max={200} />
                    </button>
                  </td>
                  <td className={`${cell} text-right text-ink-3`}>{one.sympos}</td>
                  <td className={`mono text-[12px] ${cell}`}>
                    {waits ? (
                      <span className="font-sans text-ink-3">waits for its module</span>
                    ) : one.reached === null ? (
                      'original'
                    ) : (
                      <HostText value={one.reached} max={64} />
                    )}
                  </td>
                  <td className={`${cell} text-right font-medium text-new-text`}>
                    {waits ? '–' : amount(onNew?.share)}
                  </td>
                  <td className={`mono text-[12px] ${cell}`}>
                    {!onOld || waits ? (
                      '–'
                    ) : onOld.patch === null ? (
                      'original'
                    ) : (
                      <HostText value={onOld.patch} max={64} />
                    )}
                  </td>
                  <td className={`${cell} text-right font-medium ${onOld && !waits ? 'text-old-text' : 'text-ink-3'}`}>
                    {waits ? '–' : amount(onOld?.share)}
                  </td>
                  <td
                    className={`${cell} ${one.ftrace === 'missing' ? 'font-semibold text-danger-text' : 'text-ink-2'}`}
                  >
                    {one.ftrace === 'waiting' ? 'no hook yet' : one.ftrace}
                  </td>
                </tr>
              )
            }),
          )}
        </tbody>
      </table>
    </div>
  )
}
