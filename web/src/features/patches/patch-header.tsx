import type { PatchDetail } from '@rebootless/shared/contract/patches.ts'
import type { ReactNode } from 'react'
import { plural } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { Badge, hostsSentence, KindMark, madeFor } from './patch-marks.tsx'

/** What it is and where it runs, in a sentence, and what can be done with it. */
export const PatchHeader = ({ patch, actions }: { patch: PatchDetail; actions: ReactNode }) => {
  const sentence = hostsSentence(patch)
  return (
    <div className="grid gap-3 border-b border-line px-6 py-5 max-desk:px-4">
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
          <h2 className="text-20 tracking-tight wrap-anywhere">
            <HostText value={patch.name} max={128} />
          </h2>
          <KindMark kind={patch.kind} />
          {patch.module?.replace ? (
            <Badge about="Takes the place of every earlier patch (replace)">cumulative</Badge>
          ) : null}
          {patch.module?.moduleSigned === false ? (
            <Badge about="It bears no signature of the kind that the kernel checks">unsigned</Badge>
          ) : null}
        </div>
        <div className="flex flex-wrap gap-2">{actions}</div>
      </div>
      <p className="text-ink-2">
        <span className="font-medium text-ink">
          {sentence.charAt(0).toUpperCase()}
          {sentence.slice(1)}.
        </span>{' '}
        {patch.cves.length === 0
          ? 'Nothing says which CVE it fixes. '
          : `It fixes ${plural(patch.cves.length, 'CVE')}. `}
        For{' '}
        <span className="mono text-[12px]">
          <HostText value={madeFor(patch)} max={128} />
        </span>
        {patch.releaseCounter === null ? '' : `, release ${patch.releaseCounter}`}; put here by{' '}
        <HostText value={patch.uploadedBy} max={64} /> <TimeAgo at={patch.uploadedAt} suffix=" ago" />.
      </p>
    </div>
  )
}
