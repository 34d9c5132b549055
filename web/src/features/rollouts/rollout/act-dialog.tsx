import type { RolloutAct, RolloutDetail } from '@rebootless/shared/contract/rollouts-api.ts'
import { useState } from 'react'
import { ReasonedAct } from '../../../shell/reasoned-act.tsx'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { DialogHead } from '../../../ui/dialog-head.tsx'
import { plural } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { ActAbout } from './act-about.tsx'
import { ReverseChoice, type ReverseChosen } from './reverse-choice.tsx'
import { ACT_WORDS, type ChosenAct, goingHosts, touchedFrom } from './rollout-acts.ts'
import { useRolloutAct } from './use-rollout-act.ts'

const withReason = (act: ChosenAct, reason: string, undo: ReverseChosen): RolloutAct => {
  switch (act.kind) {
    case 'exclude':
      return { kind: 'exclude', reason, hosts: act.hosts.map(({ id }) => id) }
    case 'approve gate':
      return { kind: 'approve gate', reason, wave: act.wave, gate: act.gate }
    case 'reverse':
      return { kind: 'reverse', reason, ...undo }
    default:
      return { kind: act.kind, reason }
  }
}

/** One act: what it does, why it cannot be done now, or the reason for it; what is dangerous wants the number of hosts. */
export const ActDialog = ({
  act,
  rollout,
  refusal,
  onClose,
}: {
  act: ChosenAct
  rollout: RolloutDetail
  /** Null: it can be done. */
  refusal: string | null
  onClose: () => void
}) => {
  // The latest wave to which anything was done: what a pause is mostly about.
  const [undo, setUndo] = useState<ReverseChosen>(() => ({
    fromWave: Math.max(
      0,
      rollout.waves.findLastIndex((_, index) => touchedFrom(rollout, index) > 0),
    ),
    afterwards: 'end',
  }))
  const done = useRolloutAct(rollout.id, onClose)
  const title = act.kind === 'exclude' && act.hosts.length === 1 ? 'Leave a host out' : ACT_WORDS[act.kind]
  const touched =
    act.kind === 'reverse'
      ? touchedFrom(rollout, undo.fromWave)
      : act.kind === 'abort'
        ? goingHosts(rollout)
        : act.kind === 'exclude' && act.hosts.length > 1
          ? act.hosts.length
          : null
  const isDangerous = act.kind === 'reverse' || act.kind === 'abort'
  return (
    <Dialog label={title} onClose={onClose} className="max-w-[480px] overflow-y-auto">
      <DialogHead title={title} onClose={onClose} />
      <div className="grid gap-3.5 p-4">
        {refusal === null ? (
          <>
            <ActAbout act={act} rollout={rollout} />
            {act.kind === 'reverse' ? <ReverseChoice rollout={rollout} chosen={undo} onChange={setUndo} /> : null}
            {touched === null ? null : (
              <p className="text-12 text-ink-3">
                It touches <b className="font-semibold text-ink">{plural(touched, 'host')}</b>.
                {isDangerous ? ' You are asked to prove who you are, if that was long ago.' : ''}
              </p>
            )}
            <ReasonedAct
              act={title}
              {...(touched === null ? {} : { name: String(touched), touches: 'number of hosts' })}
              dangerous={isDangerous}
              pending={done.isPending}
              error={done.error}
              onAct={(reason) => done.mutate(withReason(act, reason, undo))}
            />
          </>
        ) : (
          <>
            <p>
              <b className="font-semibold">Not now.</b> <HostText value={refusal} max={700} />
            </p>
            <div>
              <Button size="large" data-autofocus onClick={onClose}>
                Close
              </Button>
            </div>
          </>
        )}
      </div>
    </Dialog>
  )
}
