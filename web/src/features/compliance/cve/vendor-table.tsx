import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { count } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { StateGlyph, TONE_TEXT } from '../../../ui/state-glyph.tsx'
import { SourceText } from './source-text.tsx'
import { productWord, type Said, VENDOR_STATUS_WORDS } from './statement-words.ts'

const FIRST = 12
const GLYPHS = { new: 'applied', old: 'exposed', none: 'unsupported' } as const
const CELL = 'py-2 pr-4 align-top'

/** What distributions say of their packages; they may contradict one another, and each other feed of the same one. */
export const VendorTable = ({ said }: { said: readonly Said<'vendor'>[] }) => {
  const [all, setAll] = useState(false)
  const sorted = [...said].sort((left, right) =>
    `${left.statement.product} ${left.statement.package}`.localeCompare(
      `${right.statement.product} ${right.statement.package}`,
      'en',
      { numeric: true },
    ),
  )
  const shown = all ? sorted : sorted.slice(0, FIRST)
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: on a phone it scrolls sideways, and must be reached by the keyboard */}
      <section tabIndex={0} aria-label="Statements of distributions" className="overflow-x-auto">
        <table className="w-full min-w-160 border-collapse">
          <caption className="sr-only">What distributions say</caption>
          <thead className="text-11 text-ink-3">
            <tr>
              {['Product', 'Package', 'They say', 'Fixed in', 'By whom'].map((word) => (
                <th key={word} scope="col" className="border-b border-line py-1.5 pr-4 font-medium">
                  {word}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map(({ statement, from }) => {
              const { word, tone } = VENDOR_STATUS_WORDS[statement.status]
              return (
                <tr
                  key={`${statement.product} ${statement.package} ${from.feed} ${from.document}`}
                  className="border-b border-line"
                >
                  <th scope="row" className={`${CELL} font-medium`}>
                    <HostText value={productWord(statement.product)} max={60} />
                  </th>
                  <td className={`${CELL} mono text-[12px] text-ink-2`}>
                    <HostText value={statement.package} max={80} />
                  </td>
                  <td className={CELL}>
                    <span className={`inline-flex items-center gap-1.5 font-medium ${TONE_TEXT[tone]}`}>
                      <StateGlyph state={GLYPHS[tone]} size={14} />
                      {word}
                    </span>
                    {statement.reason === null ? null : (
                      <span className="block max-w-80 text-12 text-ink-3">
                        <HostText value={statement.reason} max={200} />
                      </span>
                    )}
                  </td>
                  <td className={CELL}>
                    <span className="mono text-[12px] text-ink-2">
                      {statement.fixedVersion === null ? '–' : <HostText value={statement.fixedVersion} max={80} />}
                    </span>
                    <span className="block text-12 text-ink-3">
                      {[statement.advisory, statement.availableOn].filter((one) => one !== null).join(', ')}
                    </span>
                  </td>
                  <td className={`${CELL} pr-0`}>
                    <SourceText from={from} />
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </section>
      {sorted.length > shown.length ? (
        <Button className="mt-3" onClick={() => setAll(true)}>
          Show {count(sorted.length - shown.length)} more
        </Button>
      ) : null}
    </>
  )
}
