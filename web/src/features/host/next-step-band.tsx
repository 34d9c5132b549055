import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import type { TransitionView } from '@rebootless/shared/contract/host-transition.ts'
import { HOST_STATE_WORDS } from '@rebootless/shared/domain/state-words.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useNow } from '../../ui/clock.ts'
import { HostText } from '../../ui/host-text.tsx'
import { StateGlyph, TONE_TINT } from '../../ui/state-glyph.tsx'
import { incidentStep } from './incident-step.ts'
import { nextStep } from './next-step.ts'
import { hostKernelReadingsQuery } from './queries.ts'

/** The one thing to do next, in the tint of the state. */
export const NextStepBand = ({ host, transition }: { host: HostDetail; transition: TransitionView | null }) => {
  const readings = useQuery(hostKernelReadingsQuery(host.id)).data
  const now = useNow()
  const step = incidentStep(host, readings, now) ?? nextStep(host, transition)
  const looks = step.looksAs ?? host.state
  return (
    <section
      aria-label="The one thing to do next"
      className={`flex min-h-14 items-center gap-3 border-y border-line px-6 py-2.5 transition-colors duration-(--motion-calm) max-desk:px-4 ${TONE_TINT[HOST_STATE_WORDS[looks].tone]}`}
    >
      <StateGlyph state={looks} size={18} />
      <p className="min-w-0 flex-1 text-ink-2 wrap-anywhere">
        <b className="font-semibold text-ink">
          <HostText value={step.lead} max={500} />
        </b>{' '}
        <HostText value={step.why} max={600} />
      </p>
      {step.more ? (
        <Link
          to="/hosts/$id"
          params={{ id: host.id }}
          search={{ tab: step.more.tab }}
          resetScroll={false}
          className="quiet-link text-12 whitespace-nowrap touch:py-3"
        >
          {step.more.word}
        </Link>
      ) : null}
    </section>
  )
}
