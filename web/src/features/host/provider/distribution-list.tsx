import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import { REBOOT_WORDS } from '@rebootless/shared/domain/reboot-words.ts'
import type { ReactNode } from 'react'
import { HostText } from '../../../ui/host-text.tsx'

/** Whether this host needs a reboot, by all accounts, and what its distribution says of kernels and livepatches. */
export const DistributionList = ({ host }: { host: HostDetail }) => {
  const { distribution, rebootNeed } = host
  return (
    <>
      <section aria-labelledby="reboot-need" className="px-6 py-4 max-desk:px-4 desk:px-5">
        <h3 id="reboot-need" className="text-13">
          Reboot
        </h3>
        <p className={`mt-1 font-medium ${rebootNeed.answer === 'yes' ? 'text-old-text' : ''}`}>
          {REBOOT_WORDS[rebootNeed.answer].word}
        </p>
        <p className="text-12 wrap-anywhere text-ink-3">
          <HostText value={rebootNeed.reason} max={500} />
        </p>
      </section>
      <section aria-labelledby="distribution" className="border-t border-line px-6 py-4 max-desk:px-4 desk:px-5">
        <h3 id="distribution" className="text-13">
          What the distribution says
        </h3>
        {distribution === null ? (
          <p className="mt-1 text-12 text-ink-3">The agent on this host is older and does not read it.</p>
        ) : (
          <>
            {distribution.offer === null ? null : (
              <p className="mt-1 wrap-anywhere text-ink-2">
                <HostText value={distribution.offer} max={300} />
              </p>
            )}
            <dl className="mt-2">
              <Row word="Running kernel">
                <Names names={[host.kernelRelease]} />
              </Row>
              <Row word="Newest installed">
                <Name name={distribution.newestInstalled} />
              </Row>
              <Row word="Newest known">
                <Name name={distribution.newestKnown} />
              </Row>
              <Row word="Installed kernels">
                <Names names={distribution.installedKernels} />
              </Row>
              <Row word="Asks for a reboot">
                {distribution.rebootRequired === null ? 'not known' : distribution.rebootRequired ? 'yes' : 'no'}
              </Row>
              {distribution.rebootPackages.length === 0 ? null : (
                <Row word="Because of">
                  <Names names={distribution.rebootPackages} />
                </Row>
              )}
              <Row word="Livepatch packages">
                <Names names={distribution.livepatchPackages} />
              </Row>
            </dl>
          </>
        )}
      </section>
    </>
  )
}

const Row = ({ word, children }: { word: string; children: ReactNode }) => (
  <div className="grid grid-cols-[112px_minmax(0,1fr)] gap-x-3 border-b border-line py-2 last:border-0">
    <dt className="text-ink-2">{word}</dt>
    <dd className="min-w-0">{children}</dd>
  </div>
)

const Name = ({ name }: { name: string | null }) => (name === null ? <Unknown /> : <Names names={[name]} />)

const Unknown = () => <span className="text-ink-3">not known</span>

const Names = ({ names }: { names: readonly string[] | null }) =>
  names === null ? (
    <Unknown />
  ) : names.length === 0 ? (
    <span className="text-ink-3">none</span>
  ) : (
    <ul>
      {names.map((name) => (
        <li key={name} className="mono text-[12px] leading-5 wrap-anywhere">
          <HostText value={name} max={200} />
        </li>
      ))}
    </ul>
  )
