import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import type { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import { REBOOT_WORDS } from '@rebootless/shared/domain/reboot-words.ts'
import type { ReactNode } from 'react'
import { HostText } from '../../../ui/host-text.tsx'
import { TimeAgo } from '../../../ui/time-ago.tsx'
import { ACCESS_WORDS, COVERAGE_WORDS, type FactWords } from './provider-words.ts'

const WEIGHT: Readonly<Record<FactWords['weight'], string>> = {
  fine: 'font-medium',
  wrong: 'font-semibold text-old-text',
  unknown: 'text-ink-3',
}

const Fact = ({
  word,
  value,
  about,
  weight,
}: {
  word: ReactNode
  value: ReactNode
  about: ReactNode
  weight: FactWords['weight']
}) => (
  <div className="min-w-0 border-t border-line py-2">
    <dt className="text-11 font-medium text-ink-3">{word}</dt>
    <dd className={`wrap-anywhere ${WEIGHT[weight]}`}>{value}</dd>
    <dd className="text-12 wrap-anywhere text-ink-3">{about}</dd>
  </div>
)

const dayFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' })
/** A day without a zone must not become the day before in the viewer's. */
const calendarDay = (day: string): string => dayFormat.format(new Date(`${day}T00:00:00Z`))

const Mono = ({ value }: { value: string }) => (
  <span className="mono text-[12px]">
    <HostText value={value} max={128} />
  </span>
)

/** What the system says of the kernel, of its vendor, and of itself. */
export const ProviderFacts = ({ report, host }: { report: ProviderReport; host: HostDetail }) => {
  const coverage = COVERAGE_WORDS[report.coverage]
  const access = ACCESS_WORDS[report.access]
  const { effectiveKernel, coverageUntil } = report
  return (
    <dl className="mt-3 grid gap-x-6 max-desk:grid-cols-2 desk:grid-cols-3 wide:grid-cols-4">
      <Fact
        word="Effective kernel"
        value={effectiveKernel === null ? 'not told' : <Mono value={effectiveKernel} />}
        about={
          <>
            running: <Mono value={host.kernelRelease} />
          </>
        }
        weight={effectiveKernel === null ? 'unknown' : 'fine'}
      />
      <Fact
        word="Coverage"
        value={coverageUntil === null ? coverage.word : `${coverage.word}, until ${calendarDay(coverageUntil)}`}
        about={coverage.about}
        weight={coverage.weight}
      />
      <Fact
        word="Access"
        value={access.word}
        about={report.accessDetail === null ? access.about : <HostText value={report.accessDetail} max={300} />}
        weight={access.weight}
      />
      <Fact
        word="Reboot"
        value={REBOOT_WORDS[report.reboot].word.toLowerCase()}
        about={
          report.rebootReason === null ? 'by this system alone' : <HostText value={report.rebootReason} max={300} />
        }
        weight={report.reboot === 'unknown' ? 'unknown' : report.reboot === 'yes' ? 'wrong' : 'fine'}
      />
      {report.checkedAt === null ? null : (
        <Fact
          word="Vendor asked"
          value={<TimeAgo at={report.checkedAt} suffix=" ago" />}
          about="when the tool last heard from it"
          weight="fine"
        />
      )}
      {report.settings.map(({ name, value }) => (
        <Fact
          key={name}
          word={<Mono value={name} />}
          value={value === '' ? <span className="text-ink-3">empty</span> : <HostText value={value} max={200} />}
          about="a setting of the tool"
          weight="fine"
        />
      ))}
    </dl>
  )
}
