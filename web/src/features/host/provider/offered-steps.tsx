import type { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { count, plural } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { Part } from './part.tsx'

const FIRST = 20

/** What the tool would do now, step by step: an upgrade may first take out what newer patches build on. */
export const OfferedSteps = ({ report }: { report: ProviderReport }) => {
  const [all, setAll] = useState(false)
  const { steps, behind } = report
  if (steps === null || steps.length === 0) {
    const said =
      behind === true
        ? 'Newer patches exist. The tool says no more than that.'
        : steps !== null || behind === false
          ? 'Nothing: what the vendor offered when it was last asked, this host has.'
          : 'Not known: this host has no stored answer of the vendor, and the agent asks no vendor.'
    return (
      <Part title="Offered">
        <p className={behind === true ? 'font-medium text-old-text' : 'text-ink-3'}>{said}</p>
      </Part>
    )
  }
  const removals = steps.filter(({ action }) => action === 'remove').length
  const shown = all ? steps : steps.slice(0, FIRST)
  return (
    <Part
      title="Offered"
      note={`${plural(steps.length, 'step')} in this order${removals > 0 ? `, ${plural(removals, 'removal')} among them` : ''}`}
    >
      <ol aria-label="Steps in their order">
        {shown.map((step, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: one id may be removed and installed again; a step is its place
          <li key={index} className="grid grid-cols-[24px_64px_minmax(0,1fr)] gap-x-2 border-t border-line py-1.5">
            <span className="text-right text-ink-3">{index + 1}</span>
            <span className={`font-medium ${step.action === 'remove' ? 'text-old-text' : 'text-new-text'}`}>
              {step.action === 'remove' ? 'Remove' : 'Install'}
            </span>
            <span className="wrap-anywhere">
              <code className="mono text-[12px] text-ink-3">
                <HostText value={step.id} max={128} />
              </code>{' '}
              {step.name === step.id ? null : <HostText value={step.name} max={300} />}
            </span>
          </li>
        ))}
      </ol>
      {steps.length > shown.length ? (
        <Button className="mt-2" onClick={() => setAll(true)}>
          Show {count(steps.length - shown.length)} more steps
        </Button>
      ) : null}
    </Part>
  )
}
