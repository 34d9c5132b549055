import type { RolloutPreview } from '@rebootless/shared/contract/rollouts-api.ts'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Refusal } from '../../../shell/refusal.tsx'
import { Button } from '../../../ui/button.tsx'
import { count, plural } from '../../../ui/duration.ts'
import { HostText, visibleText } from '../../../ui/host-text.tsx'
import { Placeholder } from '../../../ui/notice.tsx'
import { HostNames } from './host-names.tsx'
import { goToField } from './mistakes.tsx'
import type { Preview } from './use-preview.ts'

type Wave = RolloutPreview['waves'][number]
type Other = RolloutPreview['others'][number]
interface Leaving {
  exclude: (id: string) => void
  include: (id: string) => void
  excluded: ReadonlySet<string>
}

/** Exactly who would go when, and who not and why; it follows the plan as it is written. */
export const PreviewPanel = ({ preview, leaving }: { preview: Preview; leaving: Leaving }) => {
  const { shown, isCurrent, isPending, missing, error, mistakes } = preview
  const hasFields = error !== null && mistakes.size > 0
  return (
    <section aria-labelledby="preview-title" aria-busy={isPending}>
      <div className="border-b border-line px-6 py-4 max-desk:px-4">
        <h2 id="preview-title" className="text-14">
          Who goes when
        </h2>
        <p role="status" className="mt-0.5 text-ink-3">
          {missing ??
            (error !== null
              ? 'The plan cannot be used as it stands.'
              : shown === undefined
                ? 'Looking at each host…'
                : isCurrent
                  ? summaryOf(shown)
                  : 'The plan has changed: looking at each host…')}
        </p>
        {error === null || hasFields ? null : (
          <div className="mt-3">
            <Refusal error={error} lead="No preview." />
          </div>
        )}
        {mistakes.size === 0 ? null : <Mistakes mistakes={mistakes} />}
      </div>
      {shown === undefined ? (
        isPending ? (
          <div aria-hidden className="grid gap-4 px-6 py-5 max-desk:px-4">
            <Placeholder className="w-40" />
            <Placeholder className="w-64" />
            <Placeholder className="w-52" />
          </div>
        ) : null
      ) : (
        <div className={`transition-opacity ${isCurrent ? '' : 'opacity-50'}`}>
          <Overlaps overlaps={shown.overlaps} />
          <WavesShown preview={shown} leaving={leaving} />
          <Others others={shown.others} leaving={leaving} />
        </div>
      )}
    </section>
  )
}

const summaryOf = ({ waves, others }: RolloutPreview): string => {
  const going = waves.reduce((sum, wave) => sum + wave.hosts.length, 0)
  if (going === 0) return others.length === 0 ? 'No host matches.' : 'No host goes: see below why.'
  const left = others.length === 0 ? '' : `; ${plural(others.length, 'host')} in none`
  return `${plural(going, 'host')} in ${plural(waves.length, 'wave')}${left}.`
}

const Mistakes = ({ mistakes }: { mistakes: ReadonlyMap<string, string> }) => (
  <ul aria-label="What is to be mended" className="mt-3 grid gap-1.5">
    {[...mistakes].map(([at, text]) => (
      <li key={at} className="flex flex-wrap items-baseline gap-x-2 text-12 text-danger-text">
        <button
          type="button"
          className="mono min-h-6 text-left text-[12px] underline decoration-line-3 underline-offset-2 hover:decoration-danger-text touch:min-h-11"
          onClick={() => goToField(at)}
        >
          {visibleText(at, 80)}
        </button>
        <span className="min-w-0">
          <HostText value={text} max={600} />
        </span>
      </li>
    ))}
  </ul>
)

const Overlaps = ({ overlaps }: Pick<RolloutPreview, 'overlaps'>) =>
  overlaps.length === 0 ? null : (
    <div role="alert" className="border-b border-line bg-old-tint px-6 py-3 text-old-text max-desk:px-4">
      <p className="font-medium">It cannot start yet: other rollouts change some of these hosts.</p>
      <ul className="mt-1 grid gap-0.5">
        {overlaps.map(({ id, name, hosts }, index) => (
          <li key={id ?? index}>
            {id === null ? (
              'One that you may not see'
            ) : (
              <Link to="/rollouts/$id" params={{ id }} className="underline underline-offset-2">
                <HostText value={name ?? ''} max={120} />
              </Link>
            )}
            : {plural(hosts, 'host')}
          </li>
        ))}
      </ul>
    </div>
  )

const WavesShown = ({ preview: { waves }, leaving }: { preview: RolloutPreview; leaving: Leaving }) => {
  const going = waves.reduce((sum, wave) => sum + wave.hosts.length, 0)
  const totals = new Map<string, number>()
  for (const { domains } of waves)
    for (const { label, values } of domains)
      for (const { value, hosts } of values) {
        const key = JSON.stringify([label, value])
        totals.set(key, (totals.get(key) ?? 0) + hosts)
      }
  return (
    <ol>
      {waves.map((wave, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two waves may have one name
        <li key={index} className="border-b border-line px-6 py-3 max-desk:px-4">
          <div className="flex items-baseline justify-between gap-3">
            <h3 className="min-w-0 truncate text-13 font-medium">
              <span className="text-ink-3">{index + 1}</span> <HostText value={wave.name} max={60} />
            </h3>
            <span className="flex-none">{plural(wave.hosts.length, 'host')}</span>
          </div>
          <span aria-hidden className="mt-1.5 flex h-1.5 overflow-hidden rounded-[1.5px] bg-sunken">
            <i
              className={`bg-ink-3 ${wave.hosts.length > 0 ? 'min-w-0.5' : ''}`}
              style={{ width: `${going === 0 ? 0 : (wave.hosts.length / going) * 100}%` }}
            />
          </span>
          <Domains wave={wave} totals={totals} />
          <HostNames
            hosts={wave.hosts}
            actOf={(id) => ({ word: 'Leave out', act: () => leaving.exclude(id) })}
            summary={wave.hosts.length === 0 ? null : 'Which hosts'}
          />
        </li>
      ))}
    </ol>
  )
}

const VALUES_SHOWN = 6

const Domains = ({ wave, totals }: { wave: Wave; totals: ReadonlyMap<string, number> }) => (
  <>
    {wave.domains.map(({ label, atMost, values }) =>
      values.length === 0 ? null : (
        <div key={label} className="mt-2 text-12">
          <p className="text-ink-3">
            Of each <b className="font-medium text-ink-2">{visibleText(label, 63)}</b>, {count(atMost)} at one time
          </p>
          <ul className="mt-0.5 grid grid-cols-[repeat(auto-fill,minmax(120px,1fr))] gap-x-4">
            {values.slice(0, VALUES_SHOWN).map(({ value, hosts }) => (
              <li key={value ?? ''} className="flex justify-between gap-2">
                <span className="min-w-0 truncate text-ink-2">
                  {value === null ? 'without' : <HostText value={value} max={40} />}
                </span>
                <span className="flex-none">
                  {count(hosts)}{' '}
                  <span className="text-ink-3">of {count(totals.get(JSON.stringify([label, value])) ?? hosts)}</span>
                </span>
              </li>
            ))}
          </ul>
          {values.length > VALUES_SHOWN ? (
            <p className="text-ink-3">and {count(values.length - VALUES_SHOWN)} more, with fewer in this wave</p>
          ) : null}
        </div>
      ),
    )}
  </>
)

const REASONS_SHOWN = 6

/** Groups by reason, the most hosts first. */
const Others = ({ others, leaving }: { others: readonly Other[]; leaving: Leaving }) => {
  const groups = new Map<string, Other[]>()
  for (const other of others) {
    const key = `${other.stage}: ${other.why}`
    groups.set(key, [...(groups.get(key) ?? []), other])
  }
  const [all, setAll] = useState(false)
  if (groups.size === 0) return null
  const sorted = [...groups.values()].sort((a, b) => b.length - a.length)
  return (
    <section aria-labelledby="others-title" className="px-6 py-4 max-desk:px-4">
      <h3 id="others-title" className="text-13 font-medium">
        In no wave
      </h3>
      <ul className="mt-1 divide-y divide-line">
        {sorted.slice(0, all ? sorted.length : REASONS_SHOWN).map((group) => (
          <li key={`${group[0]?.stage} ${group[0]?.why}`} className="py-2">
            <p className="flex justify-between gap-3">
              <span className="min-w-0 text-ink-2">
                <HostText value={group[0]?.why ?? ''} max={700} />
              </span>
              <span className="flex-none whitespace-nowrap">{plural(group.length, 'host')}</span>
            </p>
            <HostNames
              hosts={group}
              actOf={(id) => (leaving.excluded.has(id) ? { word: 'Take in', act: () => leaving.include(id) } : null)}
              summary={group[0]?.stage === 'due for a boot' ? 'Due for a boot' : 'Left out'}
            />
          </li>
        ))}
      </ul>
      {all || sorted.length <= REASONS_SHOWN ? null : (
        <Button onClick={() => setAll(true)}>{plural(sorted.length - REASONS_SHOWN, 'more reason')}</Button>
      )}
    </section>
  )
}
