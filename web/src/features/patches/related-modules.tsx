import type { PatchDetail } from '@rebootless/shared/contract/patches.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Refusal } from '../../shell/refusal.tsx'
import { HostText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { hostsSentence, madeFor } from './patch-marks.tsx'
import { modulesQuery } from './queries.ts'

/** Other modules of the same fix: of the same name, of the same source, or that fix a CVE that it fixes too. */
export const RelatedModules = ({ patch }: { patch: PatchDetail }) => {
  const modules = useQuery(modulesQuery)
  if (modules.isPending) return <Placeholder className="w-64" />
  if (modules.isError) return <Refusal error={modules.error} lead="Other modules could not be listed." />
  const cves = new Set(patch.cves)
  const related = modules.data.items.filter(
    (other) =>
      other.id !== patch.id &&
      (other.name === patch.name ||
        (other.module?.srcversion != null && other.module.srcversion === patch.module?.srcversion) ||
        other.cves.some((cve) => cves.has(cve))),
  )
  return related.length === 0 ? (
    <p className="text-ink-3">There is no other.</p>
  ) : (
    <ul aria-label="Releases of the same fix" className="divide-y divide-line">
      {related.map((other) => (
        <li key={other.id} className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-0.5 py-1.5">
          <span className="min-w-0">
            <Link to="/patches/$id" params={{ id: other.id }} className="quiet-link">
              <HostText value={other.name} max={64} />
            </Link>
            <span className="text-ink-3">
              {' '}
              release {other.releaseCounter}, for{' '}
              <span className="mono text-[12px]">
                <HostText value={madeFor(other)} max={160} />
              </span>
              ; {hostsSentence(other)}
            </span>
          </span>
          <Link
            to="/patches/compare"
            search={{ left: patch.id, right: other.id }}
            className="quiet-link text-12 touch:py-3"
            aria-label={`Compare with release ${other.releaseCounter}`}
          >
            Compare
          </Link>
        </li>
      ))}
    </ul>
  )
}
