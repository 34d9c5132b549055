import type { RolloutDetail } from '@rebootless/shared/contract/rollouts-api.ts'
import { whyNotApproved } from '@rebootless/shared/domain/rollouts/gate-approval.ts'
import { gatesOf } from '@rebootless/shared/domain/rollouts/rollout-state.ts'
import { Button } from '../../../ui/button.tsx'
import { HostText } from '../../../ui/host-text.tsx'
import { StateGlyph, TONE_TEXT } from '../../../ui/state-glyph.tsx'
import { TimeAgo } from '../../../ui/time-ago.tsx'
import { gateTitle, gateWords } from './plan-words.ts'
import type { ChosenAct } from './rollout-acts.ts'

/** What stands between a wave and the next, each with what was read last. */
export const GatesPanel = ({
  rollout,
  wave,
  username,
  refused,
  onAct,
}: {
  rollout: RolloutDetail
  wave: number
  username: string
  /** Why whoever looks acts on nothing here; null: he may. */
  refused: string | null
  onAct: (act: ChosenAct) => void
}) => {
  const progress = rollout.waves[wave]
  const gates = gatesOf(rollout.plan, wave)
  if (progress === undefined) return null
  return (
    <section aria-labelledby="gates" className="px-6 py-4 max-desk:px-4">
      <h2 id="gates" className="text-13">
        Gates of wave {wave + 1}, <HostText value={progress.name} max={60} />
      </h2>
      {gates.length === 0 ? (
        <p className="mt-2 text-ink-3">It has none: the next wave begins when it has settled and soaked.</p>
      ) : (
        <ul className="mt-2 divide-y divide-line border-y border-line">
          {gates.map((gate, index) => {
            const reading = progress.gates[index] ?? null
            const refusal = refused ?? whyNotApproved(rollout.plan, rollout, { wave, gate: index }, username)
            return (
              <li
                // biome-ignore lint/suspicious/noArrayIndexKey: a gate is its place
                key={index}
                className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-0.5 py-2"
              >
                <div className="min-w-0">
                  <h3 className="text-13 font-medium">{gateTitle(gate)}</h3>
                  <p className="text-12 wrap-anywhere text-ink-3">
                    <HostText value={gateWords(gate)} max={300} />
                  </p>
                  {reading === null ? null : (
                    <p className={`text-12 wrap-anywhere ${reading.open ? 'text-ink-2' : 'font-medium text-old-text'}`}>
                      <HostText value={reading.words} max={500} />
                      <span className="font-normal text-ink-3">
                        , read <TimeAgo at={reading.at} suffix=" ago" />
                      </span>
                    </p>
                  )}
                </div>
                <div className="grid justify-items-end gap-1">
                  <GateMark
                    reading={reading}
                    begun={progress.stage !== 'not begun'}
                    isOver={rollout.endedAt !== null}
                  />
                  {gate.kind === 'approval' && refusal === null ? (
                    <Button aria-haspopup="dialog" onClick={() => onAct({ kind: 'approve gate', wave, gate: index })}>
                      Let it pass…
                    </Button>
                  ) : null}
                </div>
                {gate.kind === 'approval' && refusal !== null && progress.stage !== 'done' ? (
                  <p className="col-span-full text-12 text-ink-3">{refusal}</p>
                ) : null}
              </li>
            )
          })}
        </ul>
      )}
    </section>
  )
}

const GateMark = ({
  reading,
  begun,
  isOver,
}: {
  reading: RolloutDetail['waves'][number]['gates'][number]
  begun: boolean
  isOver: boolean
}) => {
  const { state, word, tone } =
    reading === null
      ? isOver
        ? ({ state: 'unsupported', word: 'not asked', tone: 'none' } as const)
        : ({ state: begun ? 'unknown' : 'unsupported', word: begun ? 'not read yet' : 'waits', tone: 'none' } as const)
      : reading.open
        ? ({ state: 'patched', word: 'open', tone: 'new' } as const)
        : ({ state: 'stalled', word: 'shut', tone: 'old' } as const)
  return (
    <span className={`inline-flex items-center gap-1.5 text-12 font-medium whitespace-nowrap ${TONE_TEXT[tone]}`}>
      <StateGlyph state={state} />
      {word}
    </span>
  )
}
