import type { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import { ChevronRight } from 'lucide-react'
import { HostText } from '../../../ui/host-text.tsx'
import { Part } from './part.tsx'

/** What went wrong when this system was read; without it, what is missing would look like nothing. */
export const ProviderTroubles = ({ report }: { report: ProviderReport }) =>
  report.troubles.length === 0 ? null : (
    <Part title="What went wrong" note="when it was read">
      <ul className="grid gap-px overflow-hidden rounded-control bg-line">
        {report.troubles.map((trouble, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two troubles may be alike, and the list is replaced as a whole
          <li key={index} className="bg-old-tint px-3 py-2">
            <p className="flex flex-wrap items-baseline gap-x-2">
              <code className="mono text-[12px] font-medium wrap-anywhere">
                <HostText value={trouble.source} max={256} />
              </code>
              {trouble.code === null ? null : (
                <span className="text-12 font-medium text-old-text">exit code {trouble.code}</span>
              )}
            </p>
            <p className="wrap-anywhere text-ink-2">
              <HostText value={trouble.text} max={1000} />
            </p>
          </li>
        ))}
      </ul>
    </Part>
  )

/** Processes that the tool names as being in its way. */
export const ProviderBlockers = ({ report }: { report: ProviderReport }) =>
  report.blockers.length === 0 ? null : (
    <Part title="In its way" note="processes that the tool names">
      <ul>
        {report.blockers.map(({ pid, tid, comm, stack }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a process may be named twice, with another stack
          <li key={index} className="border-t border-line py-2">
            <p className="font-medium wrap-anywhere">
              {comm === null ? 'A process' : <HostText value={comm} max={64} />}
              <span className="font-normal text-ink-3">
                {pid === null ? '' : `, pid ${pid}`}
                {tid === null || tid === pid ? '' : `, thread ${tid}`}
              </span>
            </p>
            {stack.length === 0 ? null : (
              <details className="group">
                <summary className="inline-flex items-center gap-1 text-12 font-medium text-ink-2 hover:text-ink touch:py-3">
                  <ChevronRight size={14} aria-hidden className="transition-transform group-open:rotate-90" />
                  Stack, {stack.length} deep
                </summary>
                <ol className="mt-1 rounded-control bg-sunken px-3 py-2">
                  {stack.map((frame, depth) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: a frame is its depth
                    <li key={depth} className="mono text-[12px] leading-5 wrap-anywhere">
                      <HostText value={frame} max={512} />
                    </li>
                  ))}
                </ol>
              </details>
            )}
          </li>
        ))}
      </ul>
    </Part>
  )
