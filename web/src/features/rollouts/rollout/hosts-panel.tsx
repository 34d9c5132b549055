import type { RolloutDetail } from '@rebootless/shared/contract/rollouts-api.ts'
import type { HostStage } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import { useMemo } from 'react'
import { Button } from '../../../ui/button.tsx'
import { count, plural } from '../../../ui/duration.ts'
import { visibleText } from '../../../ui/host-text.tsx'
import { Notice } from '../../../ui/notice.tsx'
import { StateGlyph } from '../../../ui/state-glyph.tsx'
import { STAGE_WORDS, STAGES_IN_ORDER } from '../stage-words.ts'
import { HostRows, HostRowsLoading } from './host-rows.tsx'
import { type ChosenAct, EXCLUDED_MAX } from './rollout-acts.ts'
import { chosenHosts, type RolloutHosts } from './rollout-hosts.ts'

const SELECT = 'h-8 rounded-control border border-line-3 bg-sheet px-2 font-medium text-ink touch:h-11'

/** The table twin of the cells: every host, of one wave or stage where one is chosen. */
export const HostsPanel = ({
  rollout,
  hosts,
  wave,
  stage,
  excludeRefusal,
  onChoose,
  onAct,
}: {
  rollout: RolloutDetail
  hosts: RolloutHosts | undefined
  /** From 0. */
  wave: number | undefined
  stage: HostStage | undefined
  excludeRefusal: string | null
  onChoose: (next: { wave?: number | undefined; stage?: HostStage | undefined }) => void
  onAct: (act: ChosenAct) => void
}) => {
  const shown = useMemo(() => (hosts === undefined ? [] : chosenHosts(hosts, { wave, stage })), [hosts, wave, stage])
  const some = shown.filter((host) => host.stage !== 'left out')
  const isChosen = wave !== undefined || stage !== undefined
  return (
    <section aria-label="Hosts">
      <div className="flex min-h-13 flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-6 py-2 text-12 text-ink-3 max-desk:px-4">
        <label className="flex items-center gap-2">
          Wave
          <select
            data-page-filter
            value={wave ?? ''}
            onChange={({ target: { value } }) => onChoose({ wave: value === '' ? undefined : Number(value), stage })}
            className={`${SELECT} max-w-44`}
          >
            <option value="">all</option>
            {rollout.waves.map(({ name }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a wave is its place
              <option key={index} value={index}>
                {index + 1} {visibleText(name, 60)}
              </option>
            ))}
          </select>
        </label>
        <label className="flex items-center gap-2">
          Stage
          <select
            value={stage ?? ''}
            onChange={({ target: { value } }) =>
              onChoose({ wave, stage: STAGES_IN_ORDER.find((one) => one === value) })
            }
            className={SELECT}
          >
            <option value="">all</option>
            {STAGES_IN_ORDER.map((one) => (
              <option key={one} value={one}>
                {STAGE_WORDS[one].word}: {count(rollout.counts[one] ?? 0)}
              </option>
            ))}
          </select>
        </label>
        <p role="status">{hosts === undefined ? '' : plural(shown.length, 'host')}</p>
        {isChosen && excludeRefusal === null && some.length > 1 ? (
          <Button
            className="ml-auto"
            aria-haspopup="dialog"
            onClick={() => onAct({ kind: 'exclude', hosts: some.slice(0, EXCLUDED_MAX) })}
          >
            {some.length > EXCLUDED_MAX ? `Leave the first ${count(EXCLUDED_MAX)} out…` : 'Leave all these out…'}
          </Button>
        ) : null}
      </div>
      {hosts === undefined ? (
        <HostRowsLoading />
      ) : shown.length === 0 ? (
        <Notice
          mark={<StateGlyph state="unsupported" size={20} />}
          title="No host is there"
          actions={
            isChosen ? (
              <Button size="large" onClick={() => onChoose({})}>
                Show all hosts
              </Button>
            ) : null
          }
        >
          <p>{isChosen ? 'None of this wave is at this stage now.' : 'No host of this rollout is known here.'}</p>
        </Notice>
      ) : (
        <HostRows
          hosts={shown}
          onExclude={excludeRefusal === null ? (host) => onAct({ kind: 'exclude', hosts: [host] }) : null}
        />
      )}
    </section>
  )
}
