import type { ProviderPatch, ProviderReport } from '@rebootless/shared/contract/provider.ts'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { count, plural } from '../../../ui/duration.ts'
import { HostText, visibleText } from '../../../ui/host-text.tsx'
import { StateGlyph, TONE_TEXT } from '../../../ui/state-glyph.tsx'
import { CveList } from '../cve-list.tsx'
import { Part } from './part.tsx'
import { PROVIDER_PATCH_WORDS } from './provider-words.ts'

const FIRST = 20

/** What the tool says is in the kernel; what it patched in running programs stands apart, since no kernel is safer by it. */
export const ProviderPatches = ({ report }: { report: ProviderReport }) => {
  if (report.patches === null)
    return (
      <Part title="Patches">
        <p className="text-ink-3">Which patches are in could not be read.</p>
      </Part>
    )
  const kernel = report.patches.filter(({ target }) => target === 'kernel')
  const userSpace = report.patches.filter(({ target }) => target === 'user_space')
  const countOf = (wanted: ProviderPatch['state']) => count(kernel.filter(({ state }) => state === wanted).length)
  const cves = new Set(kernel.filter(fixes).flatMap((patch) => patch.cves))
  return (
    <>
      <Part
        title="Patches of the kernel"
        note={
          kernel.length === 0
            ? ''
            : [
                plural(kernel.length, 'patch', 'patches'),
                `${countOf('applied')} in effect`,
                ...(countOf('patching') === '0' ? [] : [`${countOf('patching')} going in`]),
                ...(countOf('unpatching') === '0' ? [] : [`${countOf('unpatching')} going out`]),
                `${plural(cves.size, 'CVE')} fixed`,
              ].join(', ')
        }
      >
        {kernel.length === 0 ? (
          <p className="text-ink-3">None, as this system says.</p>
        ) : (
          <PatchList patches={kernel} />
        )}
      </Part>
      {userSpace.length > 0 ? (
        <Part title="Patches of running programs" note="these leave the kernel as it is">
          <PatchList patches={userSpace} />
        </Part>
      ) : null}
    </>
  )
}

const fixes = ({ state, protects }: ProviderPatch) => state === 'applied' && protects

const PatchList = ({ patches }: { patches: readonly ProviderPatch[] }) => {
  const [all, setAll] = useState(false)
  const shown = all ? patches : patches.slice(0, FIRST)
  return (
    <>
      <ul>
        {shown.map((patch, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a tool may name two alike, and their order is the tool's
          <PatchItem key={`${index} ${patch.id}`} patch={patch} />
        ))}
      </ul>
      {patches.length > shown.length ? (
        <Button className="mt-2" onClick={() => setAll(true)}>
          Show {count(patches.length - shown.length)} more patches
        </Button>
      ) : null}
    </>
  )
}

const PatchItem = ({ patch }: { patch: ProviderPatch }) => {
  const { word, tone, meaning, glyph } = PROVIDER_PATCH_WORDS[patch.state]
  return (
    <li className="border-t border-line py-2">
      <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
        {patch.id === patch.name ? null : (
          <code className="mono text-[12px] text-ink-3 wrap-anywhere">
            <HostText value={patch.id} max={128} />
          </code>
        )}
        <span className={`min-w-0 font-medium wrap-anywhere ${patch.id === patch.name ? 'mono text-[12px]' : ''}`}>
          <HostText value={patch.name} max={300} />
        </span>
        <span
          title={meaning}
          className={`inline-flex items-center gap-1.5 font-medium whitespace-nowrap ${TONE_TEXT[tone]}`}
        >
          <StateGlyph state={glyph} />
          {word}
        </span>
        {patch.protects ? null : <Mark about="It is in, but it is there for the tool's own sake">fixes nothing</Mark>}
        {patch.withdrawn ? (
          <Mark wrong about="Its vendor has taken it back: it is to be removed">
            withdrawn
          </Mark>
        ) : null}
      </p>
      <p className="text-12 text-ink-3">
        {patchDetails(patch).map(([key, part], index) => (
          <span key={key}>
            {index > 0 ? ', ' : ''}
            {part}
          </span>
        ))}
      </p>
      {patch.cves.some((cve) => !patch.name.includes(cve)) ? (
        <CveList cves={patch.cves} label={`CVEs fixed by ${visibleText(patch.id, 60)}`} />
      ) : null}
    </li>
  )
}

/** What the next boot does with a patch that is in the kernel, and with one that is not. */
const BOOT_WORDS = {
  inside: { yes: 'comes back with the next boot', no: 'gone after the next boot' },
  outside: { yes: 'loads with the next boot', no: 'does not load by itself' },
} as const

/** A tool's own word for the state is left out where it is ours. */
const patchDetails = ({
  name,
  state,
  stateText,
  version,
  livepatch,
  atNextBoot,
  cves,
}: ProviderPatch): [string, React.ReactNode][] => {
  const parts: [string, React.ReactNode][] = []
  if (version !== null)
    parts.push([
      'version',
      <>
        version <HostText value={version} max={64} />
      </>,
    ])
  if (stateText !== null && stateText.toLowerCase() !== PROVIDER_PATCH_WORDS[state].word.toLowerCase())
    parts.push([
      'says',
      <>
        the tool says “<HostText value={stateText} max={64} />”
      </>,
    ])
  if (livepatch !== null && livepatch !== name)
    parts.push([
      'livepatch',
      <>
        livepatch{' '}
        <code className="mono">
          <HostText value={livepatch} max={64} />
        </code>
      </>,
    ])
  if (atNextBoot !== null)
    parts.push(['boot', BOOT_WORDS[state === 'not_loaded' ? 'outside' : 'inside'][atNextBoot ? 'yes' : 'no']])
  if (cves.length === 0) parts.push(['cves', 'no CVE named'])
  return parts
}

const Mark = ({ wrong = false, about, children }: { wrong?: boolean; about: string; children: React.ReactNode }) => (
  <span
    title={about}
    className={`inline-flex h-5 items-center rounded-[4px] px-1.5 text-11 ${wrong ? 'bg-old-tint font-medium text-old-text' : 'border border-line-2 text-ink-2'}`}
  >
    {children}
  </span>
)
