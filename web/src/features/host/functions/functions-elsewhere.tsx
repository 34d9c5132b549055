import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import type { ProviderPatch, ProviderReport } from '@rebootless/shared/contract/provider.ts'
import { declarationOf, providerTitle } from '@rebootless/shared/domain/provider-facts.ts'
import { plural } from '../../../ui/duration.ts'
import { HostText, visibleText } from '../../../ui/host-text.tsx'
import { Notice } from '../../../ui/notice.tsx'
import { StateGlyph } from '../../../ui/state-glyph.tsx'
import { ObjectFunctions } from '../object-functions.tsx'
import { ownPatches, presentReports } from '../provider-reports.ts'

type Given = Pick<HostDetail, 'providers' | 'providerReports'>

/** Systems whose code livepatch's map cannot hold: they have patches in, or could not say whether they have. */
export const elsewhere = (host: Given): ProviderReport[] =>
  presentReports(host).filter(
    (report) =>
      ownPatches(host, report).length > 0 ||
      (report.patches === null && declarationOf(report.name)?.functions.by === 'nothing'),
  )

/** In place of the map: the functions as a system's own files name them, or why nobody can see them. */
export const FunctionsElsewhere = ({ host }: { host: Given }) => (
  <>
    {elsewhere(host).map((report) => {
      const own = ownPatches(host, report)
      const shown = own.filter(({ objects }) => (objects?.length ?? 0) > 0)
      return shown.length > 0 ? (
        <NamedFunctions key={report.name} title={visibleText(providerTitle(report.name), 32)} patches={shown} />
      ) : (
        <NoFunctions key={report.name} report={report} own={own.length} />
      )
    })}
  </>
)

const NamedFunctions = ({ title, patches }: { title: string; patches: readonly ProviderPatch[] }) => (
  <section aria-labelledby="named-functions" className="px-6 py-4 max-desk:px-4">
    <h3 id="named-functions" className="text-13">
      Functions that {title} replaces
    </h3>
    <p className="mt-1 max-w-[640px] text-ink-2">
      {title} names them in files of its own. It does not go through livepatch, so there is no map of which call reaches
      what.
    </p>
    <ul>
      {patches.map((patch) => (
        <li key={patch.id} className="mt-3 border-t border-line pt-3">
          <h4 className="mono text-[12px] font-semibold wrap-anywhere">
            <HostText value={patch.name} max={300} />
          </h4>
          <ObjectFunctions objects={patch.objects ?? []} />
        </li>
      ))}
    </ul>
  </section>
)

const NoFunctions = ({ report, own }: { report: ProviderReport; own: number }) => {
  const title = visibleText(providerTitle(report.name), 32)
  const declaration = declarationOf(report.name)
  return (
    <Notice
      mark={<StateGlyph state="unsupported" size={20} />}
      title={
        declaration?.functions.by === 'nothing'
          ? `${title} does not show its functions`
          : `The functions of ${title} were not read`
      }
    >
      <p>
        {declaration?.functions.note ?? 'This server does not know what the system shows of them.'}{' '}
        {own > 0
          ? `It has ${plural(own, 'patch', 'patches')} in this kernel, so functions are replaced here; which ones is not told.`
          : 'Whether it has patches in this kernel could not be read.'}
      </p>
      <p>Nothing goes through livepatch on this host, so its map is empty.</p>
    </Notice>
  )
}
