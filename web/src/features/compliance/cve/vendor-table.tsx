import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { count } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { StateGlyph, TONE_TEXT } from '../../../ui/state-glyph.tsx'
import { useIsPhone } from '../../../ui/use-is-phone.ts'
import { SourceText } from './source-text.tsx'
import { productWord, type Said, VENDOR_STATUS_WORDS } from './statement-words.ts'

const FIRST = 12
const GLYPHS = { new: 'applied', old: 'exposed', none: 'unsupported' } as const
const CELL = 'py-2 pr-4 align-top'

/** What distributions say of their packages; they may contradict one another, and each other feed of the same one. */
export const VendorTable = ({ said }: { said: readonly Said<'vendor'>[] }) => {
  const [all, setAll] = useState(false)
  // Five columns are wider than a phone, and what does not fit is just what one looks for.
  const isPhone = useIsPhone()
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
      {isPhone ? <AsList said={shown} /> : <AsTable said={shown} />}
      {sorted.length > shown.length ? (
        <Button className="mt-3" onClick={() => setAll(true)}>
          Show {count(sorted.length - shown.length)} more
        </Button>
      ) : null}
    </>
  )
}

const keyOf = ({ statement, from }: Said<'vendor'>) =>
  `${statement.product} ${statement.package} ${from.feed} ${from.document}`

const AsTable = ({ said }: { said: readonly Said<'vendor'>[] }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a narrow window scrolls it sideways, and it must be reached by the keyboard
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
        {said.map((one) => (
          <tr key={keyOf(one)} className="border-b border-line">
            <th scope="row" className={`${CELL} font-medium`}>
              <HostText value={productWord(one.statement.product)} max={60} />
            </th>
            <td className={CELL}>
              <Package said={one} />
            </td>
            <td className={CELL}>
              <Status said={one} />
            </td>
            <td className={CELL}>
              <FixedIn said={one} />
            </td>
            <td className={`${CELL} pr-0`}>
              <SourceText from={one.from} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
)

const AsList = ({ said }: { said: readonly Said<'vendor'>[] }) => (
  <ul aria-label="Statements of distributions" className="divide-y divide-line border-y border-line">
    {said.map((one) => (
      <li key={keyOf(one)} className="grid gap-1 py-2.5">
        <p className="flex flex-wrap items-baseline justify-between gap-x-3">
          <b className="font-medium">
            <HostText value={productWord(one.statement.product)} max={60} />
          </b>
          <Package said={one} />
        </p>
        <div className="flex flex-wrap items-baseline justify-between gap-x-3">
          <div>
            <Status said={one} />
          </div>
          <div className="text-right">
            <FixedIn said={one} />
          </div>
        </div>
        <SourceText from={one.from} />
      </li>
    ))}
  </ul>
)

const Package = ({ said: { statement } }: { said: Said<'vendor'> }) => (
  <span className="mono text-[12px] wrap-anywhere text-ink-2">
    <HostText value={statement.package} max={80} />
  </span>
)

const Status = ({ said: { statement } }: { said: Said<'vendor'> }) => {
  const { word, tone } = VENDOR_STATUS_WORDS[statement.status]
  return (
    <>
      <span className={`inline-flex items-center gap-1.5 font-medium whitespace-nowrap ${TONE_TEXT[tone]}`}>
        <StateGlyph state={GLYPHS[tone]} size={14} />
        {word}
      </span>
      {statement.reason === null ? null : (
        <span className="block max-w-80 text-12 text-ink-3">
          <HostText value={statement.reason} max={200} />
        </span>
      )}
    </>
  )
}

const FixedIn = ({ said: { statement } }: { said: Said<'vendor'> }) => (
  <>
    <span className="mono text-[12px] wrap-anywhere text-ink-2">
      {statement.fixedVersion === null ? '–' : <HostText value={statement.fixedVersion} max={80} />}
    </span>
    <span className="block text-12 text-ink-3">
      {statement.advisory === null ? null : <HostText value={statement.advisory} max={128} />}
      {statement.advisory === null || statement.availableOn === null ? null : ', '}
      {statement.availableOn === null ? null : <span className="whitespace-nowrap">{statement.availableOn}</span>}
    </span>
  </>
)
