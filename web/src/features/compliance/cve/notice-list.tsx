import type { KnownNotice } from '@rebootless/shared/contract/vulnerabilities.ts'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { count, plural } from '../../../ui/duration.ts'
import { HostText, visibleText } from '../../../ui/host-text.tsx'
import { SourceText } from './source-text.tsx'

const FIRST = 8
const KERNELS_SHOWN = 4

const SYSTEMS: Readonly<Record<KnownNotice['notice']['system'], string>> = {
  klp: 'SUSE livepatch',
  kgraft: 'SUSE kGraft',
  kpatch: 'Red Hat kpatch',
  canonical: 'Canonical Livepatch',
  amazon: 'Amazon livepatch',
  ksplice: 'Ksplice',
  kernelcare: 'KernelCare',
}

/** Livepatches of vendors that fix one CVE: for which kernels, and by which functions where they tell. */
export const NoticeList = ({ cve, notices }: { cve: string; notices: readonly KnownNotice[] }) => {
  const [all, setAll] = useState(false)
  const shown = all ? notices : notices.slice(0, FIRST)
  return (
    <>
      <ul aria-label="Livepatches that fix it" className="divide-y divide-line border-y border-line">
        {shown.map(({ notice, from }) => {
          const functions = notice.functions.filter((one) => one.cve === cve)
          return (
            <li key={`${from.feed} ${notice.notice}`} className="grid gap-0.5 py-2.5">
              <p className="flex flex-wrap items-baseline gap-x-3">
                <b className="font-medium">
                  <HostText value={notice.notice} max={128} />
                </b>
                <span className="text-12 text-ink-2">{SYSTEMS[notice.system]}</span>
                <SourceText from={from} />
              </p>
              <p className="text-12 text-ink-2">
                {notice.kernels.length === 0 ? (
                  'It does not say for which kernels.'
                ) : (
                  <span title={visibleText(notice.kernels.join(', '), 1000)}>
                    For{' '}
                    <span className="mono">
                      <HostText value={notice.kernels.slice(0, KERNELS_SHOWN).join(', ')} max={300} />
                    </span>
                    {notice.kernels.length > KERNELS_SHOWN
                      ? ` and ${plural(notice.kernels.length - KERNELS_SHOWN, 'more kernel')}`
                      : ''}
                  </span>
                )}
              </p>
              {functions.map(({ object, names }) => (
                <p key={object} className="text-12 text-ink-2">
                  Redirects{' '}
                  <span className="mono wrap-anywhere">
                    <HostText value={names.join(', ')} max={400} />
                  </span>{' '}
                  in <span className="mono">{<HostText value={object} max={64} />}</span>
                </p>
              ))}
            </li>
          )
        })}
      </ul>
      {notices.length > shown.length ? (
        <Button className="mt-3" onClick={() => setAll(true)}>
          Show {count(notices.length - shown.length)} more
        </Button>
      ) : null}
    </>
  )
}
