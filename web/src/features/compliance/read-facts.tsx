import type { ExposureEvidence } from '@rebootless/shared/contract/cves.ts'
import { exactTime, plural } from '../../ui/duration.ts'
import { HostText, visibleText } from '../../ui/host-text.tsx'

const MANY = 4

const listed = (names: readonly string[]): string =>
  names.length <= MANY
    ? names.join(', ')
    : `${names.slice(0, MANY).join(', ')} and ${plural(names.length - MANY, 'more', 'more')}`

/** What the agent read of a host that decides its exposure, and when. */
export const ReadFacts = ({ evidence: { facts, readAt } }: { evidence: ExposureEvidence }) => {
  const { release, version, architecture, operatingSystem, effectiveKernel, livepatches, installedKernels } = facts
  const rows: readonly (readonly [word: string, text: string])[] = [
    ['Kernel', `${release}, ${architecture}`],
    ...(version === null ? [] : [['Built as', version] as const]),
    ['System', [operatingSystem.id, operatingSystem.versionId].filter((one) => one !== null).join(' ') || 'not known'],
    ...(effectiveKernel === null
      ? []
      : [['Fixes of', `${effectiveKernel.release}, as ${effectiveKernel.provider} says`] as const]),
    [
      'Livepatches in effect',
      livepatches.length === 0
        ? 'none'
        : listed(
            livepatches.map(({ name, version: of }) =>
              of === null || name.endsWith(` ${of}`) ? name : `${name} ${of}`,
            ),
          ),
    ],
    ['Kernels on disk', installedKernels === null ? 'could not be listed' : listed(installedKernels) || 'none'],
    ['Read', readAt === null ? 'its agent does not say when' : exactTime(readAt)],
  ]
  return (
    <dl aria-label="What the agent read" className="grid gap-y-1 text-12">
      {rows.map(([word, text]) => (
        <div key={word} className="grid gap-x-4 desk:grid-cols-[132px_minmax(0,1fr)]">
          <dt className="text-ink-3">{word}</dt>
          <dd className="min-w-0 wrap-anywhere text-ink-2" title={visibleText(text, 500)}>
            <HostText value={text} max={300} />
          </dd>
        </div>
      ))}
    </dl>
  )
}
