import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { ChartNoAxesGantt, OctagonPause, Package, Search, Settings, ShieldCheck } from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import { cveSearchQuery } from '../features/compliance/cve/queries.ts'
import { hostSearchQuery } from '../features/hosts/queries.ts'
import { patchSearchQuery } from '../features/patches/queries.ts'
import { rolloutListQuery } from '../features/rollouts/queries.ts'
import { Dialog } from '../ui/dialog.tsx'
import { plural } from '../ui/duration.ts'
import { HostText } from '../ui/host-text.tsx'
import { OriginMark } from '../ui/origin-mark.tsx'
import { StateGlyph } from '../ui/state-glyph.tsx'
import { APPROVALS_PAGE, PAGES } from './pages.ts'
import { SETTINGS_SECTIONS } from './settings-sections.ts'
import { useOffered } from './use-offered.ts'

const ITEM =
  'flex h-10 cursor-pointer items-center gap-2.5 rounded-control px-2.5 data-[selected=true]:bg-ink/8 touch:h-12'
const GROUP =
  '[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-11 [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-ink-3'

/** Only what a filter word may hold; a blank or a colon would begin another word. */
const searchWord = (typed: string): string => typed.trim().replace(/[\s:*"]+/g, '*')

/** Sections of Settings are found by name; untyped, the list stays short. */
const SECTIONS = SETTINGS_SECTIONS.map((section) => ({ ...section, icon: Settings, keys: '' }))

const ACT = 'act freeze'
const pageValue = ({ word }: { word: string }): string => `page ${word}`

const ROLLOUTS_MAX = 5
const CVE_CHARACTERS_MIN = 3

/** Finds hosts, patches, rollouts, pages CVEs, and the one act that is for the whole fleet by name, and patches by CVE. */
export default function Palette({
  onClose,
  onFreeze,
  frozen,
}: {
  onClose: () => void
  onFreeze: () => void
  frozen: boolean
}) {
  const [typed, setTyped] = useState('')
  const searched = useDeferredValue(searchWord(typed))
  const hosts = useQuery(hostSearchQuery(searched))
  const patches = useQuery(patchSearchQuery(searched)).data?.items ?? []
  const rollouts = useQuery({ ...rolloutListQuery(), enabled: typed !== '' }).data?.items ?? []
  const navigate = useNavigate()
  const wanted = typed.trim().toLowerCase()
  const offered = useOffered([...PAGES, APPROVALS_PAGE, ...(wanted === '' ? [] : SECTIONS)])
  const pages = offered.filter((page) => page.word.toLowerCase().includes(wanted))
  const foundRollouts =
    wanted === '' ? [] : rollouts.filter(({ name }) => name.toLowerCase().includes(wanted)).slice(0, ROLLOUTS_MAX)
  // An id or a part of a title; fewer letters are in everything.
  const cves =
    useQuery({ ...cveSearchQuery(typed.trim()), enabled: wanted.length >= CVE_CHARACTERS_MIN }).data?.items ?? []
  const act = frozen ? 'Let changes go on' : 'Stop all changes'
  // Untyped it is not there, so that no Enter too early opens it.
  const hasAct = wanted !== '' && `${act} freeze`.toLowerCase().includes(wanted)
  const values = [
    ...pages.map(pageValue),
    ...(hasAct ? [ACT] : []),
    ...foundRollouts.map(({ id }) => id),
    ...cves.map(({ id }) => id),
    ...patches.map(({ id }) => id),
    ...(hosts.data?.items.map((host) => host.id) ?? []),
  ]
  const [pointed, setPointed] = useState('')
  return (
    <Dialog label="Find or go" onClose={onClose}>
      <Command
        shouldFilter={false}
        label="Find or go"
        loop
        // Hosts come later than what is typed: Enter must find one chosen although the one before has gone.
        value={values.includes(pointed) ? pointed : (values[0] ?? '')}
        onValueChange={setPointed}
      >
        <div className="flex items-center gap-2.5 border-b border-line px-4">
          <Search size={16} aria-hidden className="text-ink-3" />
          <Command.Input
            data-autofocus
            value={typed}
            onValueChange={setTyped}
            placeholder="Host, patch, CVE, rollout or page"
            className="h-12 flex-1 bg-transparent text-16 outline-none placeholder:text-ink-3"
          />
          <kbd className="rounded-mark border border-line-2 px-1.5 font-sans text-11 text-ink-3">Esc</kbd>
        </div>
        <Command.List className="max-h-[50vh] overflow-y-auto p-1.5" label="Found">
          {pages.length > 0 ? (
            <Command.Group heading="Pages" className={GROUP}>
              {pages.map(({ to, word, icon: Icon, keys, about }) => (
                <Command.Item
                  key={to}
                  value={pageValue({ word })}
                  className={ITEM}
                  onSelect={() => {
                    onClose()
                    void navigate({ to })
                  }}
                >
                  <Icon size={16} strokeWidth={1.75} aria-hidden className="text-ink-3" />
                  <span className="font-medium">{word}</span>
                  <span className="flex-1 truncate text-12 text-ink-3">{about}</span>
                  <kbd className="font-sans text-11 text-ink-3">{keys}</kbd>
                </Command.Item>
              ))}
            </Command.Group>
          ) : null}
          {hasAct ? (
            <Command.Group heading="Acts" className={GROUP}>
              <Command.Item value={ACT} className={ITEM} onSelect={onFreeze}>
                <OctagonPause size={16} strokeWidth={1.75} aria-hidden className="text-danger-text" />
                <span className="font-medium">{act}</span>
                <span className="flex-1 truncate text-12 text-ink-3">
                  {frozen ? 'Takes two people' : 'On the whole fleet, at once'}
                </span>
              </Command.Item>
            </Command.Group>
          ) : null}
          {foundRollouts.length > 0 ? (
            <Command.Group heading="Rollouts" className={GROUP}>
              {foundRollouts.map((rollout) => (
                <Command.Item
                  key={rollout.id}
                  value={rollout.id}
                  className={ITEM}
                  onSelect={() => {
                    onClose()
                    void navigate({ to: '/rollouts/$id', params: { id: rollout.id } })
                  }}
                >
                  <ChartNoAxesGantt size={16} strokeWidth={1.75} aria-hidden className="flex-none text-ink-3" />
                  <span className="truncate font-medium">
                    <HostText value={rollout.name} max={60} />
                  </span>
                  <span className="flex-1 truncate text-right text-12 text-ink-3">{rollout.phase}</span>
                </Command.Item>
              ))}
            </Command.Group>
          ) : null}
          {cves.length > 0 ? (
            <Command.Group heading="CVEs" className={GROUP}>
              {cves.map((cve) => (
                <Command.Item
                  key={cve.id}
                  value={cve.id}
                  className={ITEM}
                  onSelect={() => {
                    onClose()
                    void navigate({ to: '/compliance/cves/$id', params: { id: cve.id } })
                  }}
                >
                  <ShieldCheck size={16} strokeWidth={1.75} aria-hidden className="flex-none text-ink-3" />
                  <span className="mono flex-none text-[12px] font-medium">{cve.id}</span>
                  <span className="flex-1 truncate text-right text-12 text-ink-3">
                    {(cve.hosts.exposed ?? 0) > 0
                      ? plural(cve.hosts.exposed ?? 0, 'host exposed', 'hosts exposed')
                      : cve.severity === 'unknown'
                        ? ''
                        : cve.severity}
                  </span>
                </Command.Item>
              ))}
            </Command.Group>
          ) : null}
          {patches.length > 0 ? (
            <Command.Group heading="Patches" className={GROUP}>
              {patches.map((patch) => (
                <Command.Item
                  key={patch.id}
                  value={patch.id}
                  className={ITEM}
                  onSelect={() => {
                    onClose()
                    void navigate({ to: '/patches/$id', params: { id: patch.id } })
                  }}
                >
                  <Package size={16} strokeWidth={1.75} aria-hidden className="flex-none text-ink-3" />
                  <span className="truncate font-medium">
                    <HostText value={patch.name} max={60} />
                  </span>
                  <span className="flex-1 truncate text-right text-12 text-ink-3">
                    <HostText value={patch.module?.release ?? ''} max={60} />
                  </span>
                </Command.Item>
              ))}
            </Command.Group>
          ) : null}
          <Command.Group heading={typed === '' ? 'Most urgent hosts' : 'Hosts'} className={GROUP}>
            {hosts.data?.items.map((host) => (
              <Command.Item
                key={host.id}
                value={host.id}
                className={ITEM}
                onSelect={() => {
                  onClose()
                  void navigate({ to: '/hosts/$id', params: { id: host.id } })
                }}
              >
                <StateGlyph state={host.state} />
                <span className="truncate font-medium">
                  <HostText value={host.name} max={60} />
                </span>
                <OriginMark origin={host.origin} />
                <span className="flex-1 truncate text-right text-12 text-ink-3">
                  <HostText value={host.kernelRelease} max={60} />
                </span>
              </Command.Item>
            ))}
          </Command.Group>
          {hosts.isError ? (
            <p role="alert" className="px-2.5 py-3 text-danger-text">
              Hosts could not be searched: {hosts.error.message}
            </p>
          ) : null}
          {hosts.isSuccess && hosts.data.items.length === 0 ? (
            <p className="px-2.5 py-3 text-ink-3">No host has “{typed}” in its name.</p>
          ) : null}
        </Command.List>
      </Command>
    </Dialog>
  )
}
