import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import { HostText } from '../../ui/host-text.tsx'
import { explainKernel } from './kernel-facts.ts'

const WEIGHT = { fine: 'font-medium', bars: 'font-semibold text-old-text', unknown: 'text-ink-3' }

/** What the kernel allows, explained, and its taints letter by letter. */
export const KernelFactList = ({ host }: { host: HostDetail }) => (
  <section aria-labelledby="kernel-facts" className="px-6 py-4 max-desk:px-4 desk:px-5">
    <h3 id="kernel-facts" className="text-13">
      What this kernel allows
    </h3>
    {host.kernel === null ? (
      <p className="mt-2 text-ink-3">Not read yet.</p>
    ) : (
      <>
        <dl className="mt-1">
          {explainKernel(host.kernel).map((fact) => (
            <div key={fact.word} className="grid grid-cols-[auto_1fr] gap-x-4 border-b border-line py-2">
              <dt className="text-ink-2">{fact.word}</dt>
              <dd className={`text-right ${WEIGHT[fact.weight]}`}>
                <HostText value={fact.value} max={40} />
              </dd>
              <dd className="col-span-2 text-12 text-ink-3">{fact.about}</dd>
            </div>
          ))}
        </dl>
        <h4 className="mt-3 text-12 font-medium text-ink-2">Taint</h4>
        {host.kernel.taints === null ? (
          <p className="text-12 text-ink-3">It could not be read.</p>
        ) : host.kernel.taints.length === 0 ? (
          <p className="text-12 text-ink-3">None.</p>
        ) : (
          <ul className="mt-1 grid gap-1">
            {host.kernel.taints.map((taint) => (
              <li key={taint.bit} className="flex gap-2.5 text-12 text-ink-3">
                <code className="mono min-w-3 flex-none text-center font-medium text-ink">
                  <HostText value={taint.letter} />
                </code>
                <HostText value={taint.meaning} />
              </li>
            ))}
          </ul>
        )}
      </>
    )}
  </section>
)
