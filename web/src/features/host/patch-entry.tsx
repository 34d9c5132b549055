import type { CommandView } from '@rebootless/shared/contract/commands-api.ts'
import type { PatchStatus } from '@rebootless/shared/contract/host.ts'
import { providerTitle } from '@rebootless/shared/domain/provider-facts.ts'
import { ChevronRight, Lock, Zap } from 'lucide-react'
import type { ReactNode } from 'react'
import { ActButton } from '../../shell/acting.tsx'
import { plural } from '../../ui/duration.ts'
import { HostText, visibleText } from '../../ui/host-text.tsx'
import { PatchStateLabel } from '../../ui/state-glyph.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { BroughtByLine } from './brought-by-line.tsx'
import { CveList } from './cve-list.tsx'
import { ObjectFunctions } from './object-functions.tsx'

const FUNCTIONS_OPEN = 12

/** One livepatch with its marks, its times, who put it in as far as commands tell, what a tool knows of it, and its functions by object. */
export const PatchEntry = ({ patch, by }: { patch: PatchStatus; by: CommandView | undefined }) => {
  const functions = patch.objects.reduce((sum, object) => sum + object.functions.length, 0)
  return (
    <li className="animate-appear border-t border-line px-6 py-4 max-desk:px-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        {patch.order === null ? null : (
          <span
            title="Place in the stack, from 1, oldest first"
            className="grid size-5 place-items-center rounded-[4px] border border-line-2 text-11 text-ink-2"
          >
            {patch.order}
          </span>
        )}
        <h4 className="mono text-[13px] font-semibold wrap-anywhere">
          <HostText value={patch.name} max={64} />
        </h4>
        <PatchStateLabel state={patch.state} stalled={patch.stalled} />
        {patch.forced ? (
          <Mark
            tone="danger"
            icon={<Zap size={12} aria-hidden />}
            about="Tasks were switched by force, old code may still run"
          >
            forced
          </Mark>
        ) : null}
        {patch.pinned ? (
          <Mark tone="plain" icon={<Lock size={12} aria-hidden />} about="Its module cannot leave before the next boot">
            pinned until reboot
          </Mark>
        ) : null}
        {patch.replace === true ? (
          <Mark tone="plain" about="Takes the place of every earlier patch (replace)">
            cumulative
          </Mark>
        ) : null}
        <span className="ml-auto flex gap-2">
          <ActButton action="disable" patch={patch.name} label="Disable…" about={visibleText(patch.name, 64)} />
          <ActButton action="enable" patch={patch.name} label="Enable…" about={visibleText(patch.name, 64)} />
        </span>
      </div>
      <p className="mt-1 text-12 text-ink-3">
        <PatchTimes patch={patch} />
      </p>
      {by === undefined ? null : (
        <p className="mt-0.5 text-12 text-ink-3">
          <BroughtByLine command={by} />
        </p>
      )}
      {patch.cves.length > 0 ? (
        <CveList cves={patch.cves} label={`CVEs fixed by ${visibleText(patch.name, 64)}`} />
      ) : null}
      {functions === 0 ? null : (
        <details open={functions <= FUNCTIONS_OPEN} className="group mt-2.5">
          <summary className="inline-flex items-center gap-1 rounded-mark text-12 font-medium text-ink-2 hover:text-ink touch:py-3">
            <ChevronRight size={14} aria-hidden className="transition-transform group-open:rotate-90" />
            {plural(functions, 'function')} in {plural(patch.objects.length, 'object')}
          </summary>
          <ObjectFunctions objects={patch.objects} />
        </details>
      )}
    </li>
  )
}

const Mark = ({
  tone,
  icon,
  about,
  children,
}: {
  tone: 'danger' | 'plain'
  icon?: ReactNode
  about: string
  children: ReactNode
}) => (
  <span
    title={about}
    className={`inline-flex h-5 items-center gap-1 rounded-[4px] px-1.5 text-11 ${tone === 'danger' ? 'bg-danger-tint font-medium text-danger-text' : 'border border-line-2 text-ink-2'}`}
  >
    {icon}
    {children}
  </span>
)

const PatchTimes = ({ patch }: { patch: PatchStatus }) => {
  const parts: [string, ReactNode][] = []
  if (patch.enabledAt)
    parts.push([
      'enabled',
      <>
        enabled <TimeAgo at={patch.enabledAt} suffix=" ago" />
      </>,
    ])
  if (patch.completedAt)
    parts.push([
      'completed',
      <>
        complete since <TimeAgo at={patch.completedAt} />
      </>,
    ])
  if (patch.forcedAt)
    parts.push([
      'forced',
      <>
        forced <TimeAgo at={patch.forcedAt} suffix=" ago" />
      </>,
    ])
  if (patch.disabledAt)
    parts.push([
      'disabled',
      <>
        disabled <TimeAgo at={patch.disabledAt} suffix=" ago" />
      </>,
    ])
  if (patch.supersededBy)
    parts.push([
      'superseded',
      <>
        replaced by <HostText value={patch.supersededBy} max={64} />
      </>,
    ])
  if (patch.moduleLoaded !== null) parts.push(['module', patch.moduleLoaded ? 'module loaded' : 'module gone'])
  if (patch.moduleVersion)
    parts.push([
      'version',
      <>
        version <HostText value={patch.moduleVersion} max={40} />
      </>,
    ])
  if (patch.srcversion)
    parts.push([
      'srcversion',
      <>
        srcversion <HostText value={patch.srcversion} max={40} />
      </>,
    ])
  if (patch.providers.length > 0)
    parts.push([
      'providers',
      <>
        named by <HostText value={patch.providers.map(providerTitle).join(', ')} max={120} /> too
      </>,
    ])
  return parts.map(([key, part], index) => (
    <span key={key}>
      {index > 0 ? ', ' : ''}
      {part}
    </span>
  ))
}
