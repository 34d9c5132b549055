import type { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import { declarationOf } from '@rebootless/shared/domain/provider-facts.ts'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { count, plural } from '../../../ui/duration.ts'
import { HostText, visibleText } from '../../../ui/host-text.tsx'
import { CveList } from '../cve-list.tsx'
import { Part } from './part.tsx'

const FIRST = 20

/** Why no step is shown: nothing is left, or nobody says what is. */
const noStepsWords = ({ name, steps, behind, troubles, checkedAt }: ProviderReport): string => {
  if (behind === true) return 'Newer patches exist. The tool says no more than that.'
  if (steps !== null || behind === false)
    return 'Nothing: what the vendor offered when it was last asked, this host has.'
  const offered = declarationOf(name)?.offered
  if (offered?.by === 'nothing') return `Not told: ${offered.note.charAt(0).toLowerCase()}${offered.note.slice(1)}`
  if (troubles.length > 0) return 'Not known: the tool gave no answer to this; what went wrong stands above.'
  if (checkedAt !== null) return 'Not known: the tool does not say it now.'
  return 'Not known: this host has no stored answer of the vendor.'
}

/** What the tool would do now, step by step: an upgrade may first take out what newer patches build on. */
export const OfferedSteps = ({ report }: { report: ProviderReport }) => {
  const [all, setAll] = useState(false)
  const { steps, behind } = report
  if (steps === null || steps.length === 0) {
    return (
      <Part title="Offered">
        <p className={behind === true ? 'font-medium text-old-text' : 'text-ink-3'}>{noStepsWords(report)}</p>
      </Part>
    )
  }
  const removals = steps.filter(({ action }) => action === 'remove').length
  const shown = all ? steps : steps.slice(0, FIRST)
  return (
    <Part
      title="Offered"
      note={`${steps.length === 1 ? '1 step' : `${plural(steps.length, 'step')} in this order`}${removals > 0 ? `, ${plural(removals, 'removal')} among them` : ''}`}
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
              <code className="mono mr-1 text-[12px] text-ink-3">
                <HostText value={step.id} max={128} />
              </code>{' '}
              {step.name === step.id ? null : <HostText value={step.name} max={300} />}
              {step.action === 'install' && step.cves.some((cve) => !step.name.includes(cve)) ? (
                <CveList cves={step.cves} label={`CVEs that ${visibleText(step.id, 60)} fixes`} />
              ) : null}
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
