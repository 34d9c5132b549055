import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import type { RolloutDetail } from '@rebootless/shared/contract/rollouts-api.ts'
import { lazy, Suspense, useEffect, useState } from 'react'
import type { KnownValues } from '../../../shell/filter-words.ts'
import { Button } from '../../../ui/button.tsx'
import { HostText } from '../../../ui/host-text.tsx'
import { Placeholder } from '../../../ui/notice.tsx'
import { Section } from '../../../ui/section.tsx'
import { Segmented } from '../../../ui/segmented.tsx'
import { SaveTemplateDialog } from '../plan/save-template-dialog.tsx'
import { ChangePart } from './change-part.tsx'
import { type Draft, readDraft, templateOf, writeDraft } from './draft.ts'
import { GateList } from './gate-list.tsx'
import { HostsPart } from './hosts-part.tsx'
import { KeepPart } from './keep-part.tsx'
import { LimitsPart, WindowsPart } from './limits-part.tsx'
import { MistakesProvider } from './mistakes.tsx'
import { PreviewPanel } from './preview-panel.tsx'
import { TemplateChoice } from './template-choice.tsx'
import { TroublePart } from './trouble-part.tsx'
import { usePreview } from './use-preview.ts'
import { WaveList } from './wave-list.tsx'

const ExposureChange = lazy(() =>
  import('../exposure/exposure-change.tsx').then((module) => ({ default: module.ExposureChange })),
)
const DryRun = lazy(() => import('../dry-run/dry-run.tsx').then((module) => ({ default: module.DryRun })))
const PlanEditor = lazy(() => import('./plan-editor.tsx').then((module) => ({ default: module.PlanEditor })))

const MEND_FIRST = 'First mend what is named above: a plan that cannot be used cannot be run.'
const NO_MISTAKES: ReadonlyMap<string, string> = new Map()

/** A rollout is made: what, where, how, and exactly who would go when. */
export const Maker = ({
  origin,
  first,
  compareWith,
  known,
  onKept,
}: {
  /** What the address asks for: what was written for another address is another draft. */
  origin: string
  /** The plan with which it begins, where nothing was written yet. */
  first: RolloutPlan
  /** The rollout that `first` is a copy of. */
  compareWith: string | undefined
  known: KnownValues
  onKept: (kept: RolloutDetail) => void
}) => {
  const [draft, setDraft] = useState<Draft>(
    () => readDraft(sessionStorage, origin) ?? { id: crypto.randomUUID(), plan: first, text: null },
  )
  const [isNew, setNew] = useState(() => readDraft(sessionStorage, origin) === null)
  const [view, setView] = useState<'form' | 'yaml'>(draft.text === null ? 'form' : 'yaml')
  const [taken, setTaken] = useState<{ name: string; before: RolloutPlan } | null>(null)
  const [saving, setSaving] = useState(false)
  useEffect(() => {
    if (draft.plan !== first || draft.text !== null) writeDraft(sessionStorage, origin, draft)
  }, [draft, first, origin])
  const preview = usePreview(draft)
  const { plan } = draft
  const set = (change: Partial<RolloutPlan>) =>
    setDraft((before) => ({ ...before, plan: { ...before.plan, ...change } }))
  const startAnew = () => {
    writeDraft(sessionStorage, origin, null)
    setDraft({ id: crypto.randomUUID(), plan: first, text: null })
    setNew(true)
    setTaken(null)
  }
  const excluded = new Set(plan.exclude)
  const shown = preview.isCurrent ? preview.shown : undefined
  return (
    <MistakesProvider value={preview.error === null && preview.shown === undefined ? NO_MISTAKES : preview.mistakes}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-6 py-2.5 max-desk:px-4">
        <Segmented
          label="Write the plan as"
          value={view}
          onChange={setView}
          segments={[
            { value: 'form', label: 'Form' },
            { value: 'yaml', label: 'YAML' },
          ]}
        />
        <TemplateChoice
          onTake={(template) => {
            setTaken({ name: template.name, before: plan })
            setDraft({ ...draft, text: null, plan: { ...plan, ...template.plan } })
          }}
        />
        <Button onClick={() => setSaving(true)}>Save as template…</Button>
        {isNew ? null : (
          <span className="flex flex-wrap items-center gap-2 text-12 text-ink-3">
            What you wrote before is here again.
            <Button onClick={startAnew}>Start anew</Button>
          </span>
        )}
        {taken === null ? null : (
          <span role="status" className="flex flex-wrap items-center gap-2 text-12 text-ink-3">
            <span>
              It goes as <HostText value={taken.name} max={80} /> now.
            </span>
            <Button
              onClick={() => {
                setDraft({ ...draft, plan: taken.before })
                setTaken(null)
              }}
            >
              Take that back
            </Button>
          </span>
        )}
      </div>
      <div className="desk:grid desk:grid-cols-[minmax(0,1fr)_minmax(320px,400px)]">
        <div className="min-w-0">
          {view === 'yaml' ? (
            <Suspense fallback={<EditorLoading />}>
              <PlanEditor
                draft={draft}
                compareWith={compareWith}
                onPlan={(next) => setDraft((before) => ({ ...before, plan: next, text: null }))}
                onText={(text) => setDraft((before) => ({ ...before, text }))}
              />
            </Suspense>
          ) : (
            <>
              {draft.text === null ? null : (
                <TextWaits onBack={() => setView('yaml')} onDrop={() => setDraft({ ...draft, text: null })} />
              )}
              <ChangePart
                change={plan.change}
                patches={known.get('patch') ?? []}
                onChange={(change, name) => set(name !== undefined && isNamedBy(plan) ? { change, name } : { change })}
              />
              <HostsPart plan={plan} known={known} preview={shown} onChange={set} />
              <Section
                title="Waves"
                about="One after another. Each soaks when its hosts are done, and its gates must be open then."
              >
                <WaveList
                  plan={plan}
                  hostsOf={(wave) => shown?.waves[wave]?.hosts.length ?? null}
                  onChange={(waves) => set({ waves })}
                />
              </Section>
              <Section title="Gates" about="What must be so at the end of each wave, before the next begins.">
                <GateList at="gates" gates={plan.gates} onChange={(gates) => set({ gates })} />
              </Section>
              <LimitsPart limits={plan.limits} labels={labelsOf(known)} onChange={(limits) => set({ limits })} />
              <WindowsPart windows={plan.windows} onChange={(windows) => set({ windows })} />
              <TroublePart budget={plan.budget} stalls={plan.stalls} vanished={plan.vanished} onChange={set} />
            </>
          )}
        </div>
        <div className="border-line max-desk:border-y desk:col-start-2 desk:row-span-2 desk:row-start-1 desk:border-l">
          <div className="desk:sticky desk:top-13 desk:max-h-[calc(100dvh-52px)] desk:overflow-y-auto">
            <PreviewPanel
              preview={preview}
              leaving={{
                excluded,
                exclude: (id) => set({ exclude: [...plan.exclude, id] }),
                include: (id) => set({ exclude: plan.exclude.filter((one) => one !== id) }),
              }}
            />
            {preview.shown !== undefined ? (
              <Suspense>
                <ExposureChange id={draft.id} plan={plan} isCurrent={preview.isCurrent} />
              </Suspense>
            ) : null}
            <Suspense>
              {/* The line above it is the preview's own. */}
              <div className="-mt-px">
                <DryRun
                  plan={plan}
                  id={draft.id}
                  missing={preview.missing ?? (preview.error === null ? null : MEND_FIRST)}
                />
              </div>
            </Suspense>
          </div>
        </div>
        <div className="min-w-0 desk:border-t desk:border-line">
          <KeepPart
            draft={draft}
            preview={preview}
            onName={(name) => set({ name })}
            onReason={(reason) => set({ reason })}
            onKeptBefore={() => setDraft({ ...draft, id: crypto.randomUUID() })}
            onKept={(kept) => {
              writeDraft(sessionStorage, origin, null)
              onKept(kept)
            }}
          />
        </div>
      </div>
      {saving ? <SaveTemplateDialog plan={templateOf(plan)} onClose={() => setSaving(false)} /> : null}
    </MistakesProvider>
  )
}

/** Nobody gave it a name of its own: it is called as what was chosen before. */
const isNamedBy = ({ name, change }: RolloutPlan): boolean =>
  name === '' || (change.kind === 'disable' && name === `disable ${change.patch}`)

const labelsOf = (known: KnownValues): string[] =>
  [...known.keys()].filter((key) => key.startsWith('label.')).map((key) => key.slice('label.'.length))

const EditorLoading = () => (
  <div aria-busy="true" className="grid h-[64vh] content-start gap-3 px-6 py-5 max-desk:px-4">
    <Placeholder className="w-40" />
    <Placeholder className="w-64" />
    <Placeholder className="w-52" />
  </div>
)

const TextWaits = ({ onBack, onDrop }: { onBack: () => void; onDrop: () => void }) => (
  <div
    role="status"
    className="flex flex-wrap items-center gap-3 border-b border-line bg-old-tint px-6 py-3 text-old-text max-desk:px-4"
  >
    <p className="min-w-0 flex-1">What is written as YAML has mistakes, and is not in this form.</p>
    <Button onClick={onBack}>Mend it</Button>
    <Button onClick={onDrop}>Give it up</Button>
  </div>
)
