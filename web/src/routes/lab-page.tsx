import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { Lab } from '../features/lab/lab.tsx'
import { type LabChange, type LabSearch, linkTo, readLabAddress } from '../features/lab/lab-setting.ts'
import { Playback } from '../features/lab/playback.ts'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { CopyButton } from '../ui/copy-button.tsx'

const withoutEmpty = (search: LabChange): LabSearch =>
  Object.fromEntries(Object.entries(search).filter(([, word]) => word !== undefined))

const route = getRouteApi('/signed-in/lab')

export const LabPage = () => {
  usePageTitle('Lab')
  const search = route.useSearch()
  const navigate = useNavigate({ from: '/lab' })
  const [playback] = useState(() => new Playback())
  const address = useMemo(() => readLabAddress(search), [search])
  const change = (next: LabChange) =>
    void navigate({ search: (before) => withoutEmpty({ ...before, ...next }), replace: true, resetScroll: false })
  return (
    <>
      <PageHeader
        title="Lab"
        updatedAt={null}
        notice={
          <span
            title="Nothing here comes from a host: one machine is simulated in this browser"
            className="rounded-control border border-line-2 px-2 py-0.5 text-12 text-ink-3"
          >
            Simulated
          </span>
        }
        actions={<CopyButton label="Link to this run" text={() => linkTo(location.origin, address, playback.atUs)} />}
      />
      <Lab address={address} playback={playback} onChange={change} />
    </>
  )
}
