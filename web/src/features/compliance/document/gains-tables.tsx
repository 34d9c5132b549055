import type { ComplianceGains } from '@rebootless/shared/contract/compliance-gains.ts'
import { SEVERITY_WORDS } from '@rebootless/shared/domain/exposure/exposure-state-words.ts'
import { lengthWord } from '@rebootless/shared/domain/gains/gains-sentence.ts'
import { count, plural } from '../../../ui/duration.ts'
import { dayWord } from '../day.ts'
import { DocumentPart, DocumentTable } from './document-table.tsx'

const numbersOf = ({
  reboots,
  nextWindow,
  uptimeKeptMs,
  bootMinutes,
}: ComplianceGains): (readonly [word: string, value: string])[] => [
  ['Reboots avoided', count(reboots.avoided)],
  [`Uptime kept, ${plural(bootMinutes, 'minute')} a boot`, lengthWord(uptimeKeptMs)],
  ['Hosts that booted until the window all the same', count(reboots.bootedAnyway)],
  [`Reboots that are avoided if hosts do not boot until ${dayWord(nextWindow)}`, count(reboots.pending)],
]

/** What live patching gained beside a reboot a month. */
export const GainsTables = ({ gains }: { gains: ComplianceGains }) => {
  const { all, bySeverity } = gains.timeToPatch
  return (
    <DocumentPart title="Gained by live patching, in the 90 days before" whole>
      <p>{gains.sentence}</p>
      <DocumentTable
        caption="Reboots and uptime"
        rows={numbersOf(gains)}
        rowKey={([word]) => word}
        columns={[
          { word: 'What', cell: ([word]) => word },
          { word: 'Number', right: true, cell: ([, value]) => value },
        ]}
      />
      {all === null ? null : (
        <DocumentTable
          caption="Mean time to patch, by livepatch and by a monthly reboot"
          rows={[
            ...bySeverity.map(({ severity, ...time }) => ({ word: SEVERITY_WORDS[severity].word, time })),
            { word: 'All', time: all },
          ]}
          rowKey={({ word }) => word}
          columns={[
            { word: 'Mean time to patch', cell: ({ word }) => word },
            { word: 'Fixed', right: true, cell: ({ time }) => count(time.exposures) },
            { word: 'Fix at hand, livepatch', right: true, cell: ({ time }) => lengthWord(time.fromFix.live.mean) },
            { word: 'Fix at hand, monthly', right: true, cell: ({ time }) => lengthWord(time.fromFix.window.mean) },
            {
              word: 'Published, livepatch',
              right: true,
              cell: ({ time }) => lengthWord(time.fromPublication.live.mean),
            },
            {
              word: 'Published, monthly',
              right: true,
              cell: ({ time }) => lengthWord(time.fromPublication.window.mean),
            },
          ]}
        />
      )}
    </DocumentPart>
  )
}
