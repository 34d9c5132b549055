// biome-ignore-all lint/suspicious/noArrayIndexKey: a fixed list
import { APPROVALS_PAGE, PAGES } from './pages.ts'
import { useOffered } from './use-offered.ts'

const WAYS = [...PAGES, APPROVALS_PAGE]
const FINDING: readonly [string, string][] = [
  ['Ctrl K', 'Find a host, a patch or a page'],
  ['/', 'Filter this page, or find a host'],
]
const KEYS: readonly [string, string][] = [
  ['j   k', 'Next and previous row of hosts, patches, rollouts, CVEs, or of the audit log'],
  ['Enter', 'Open what has the focus'],
  ['m', 'Change between picture and table'],
  ['1 – 7', "A host's tabs: Patches, Transition, Functions, Provider, Exposure, Commands, Raw"],
  ['a', 'A host: what can be done to it'],
  ['Space', 'Lab: play or pause'],
  ['←   →', 'Lab: to the event before, to the next; with Shift a hundredth of the time line'],
  ['Home   End', 'Lab: to the beginning, to the end'],
  ['1 – 6', 'Lab: choose a system'],
  ['j   k', 'Lab: next and previous task'],
  ['+   -', 'Lab: look closer, look from further off'],
  ['<   >', 'Lab: play slower, play faster'],
  ['l', 'Lab: time line by powers of ten, or even'],
  ['?', 'This list'],
  ['Esc', 'Close, or leave the field'],
]

export const KeyList = () => {
  const ways = useOffered(WAYS).map(({ keys, word }) => [keys, `Go to ${word}`] as const)
  return (
    <div className="max-h-[76vh] overflow-y-auto" tabIndex={-1}>
      <h2 className="border-b border-line px-4 py-3 text-14">Keys</h2>
      <dl className="px-4 py-2">
        {[...FINDING, ...ways, ...KEYS].map(([keys, what]) => (
          <div
            key={what}
            className="flex min-h-9 items-center justify-between gap-4 border-b border-line last:border-0"
          >
            <dt className="order-2 flex gap-1 whitespace-pre">
              {keys.split(/ (?!–)(?<!– )/).map((key, index) =>
                key === '' ? null : (
                  <kbd
                    key={index}
                    className="rounded-mark border border-line-2 bg-sunken px-1.5 font-sans text-12 text-ink-2"
                  >
                    {key}
                  </kbd>
                ),
              )}
            </dt>
            <dd className="text-ink-2">{what}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
