import type { AuthorisationDetail } from '@rebootless/shared/contract/commands-api.ts'
import { Download } from 'lucide-react'
import { buttonClass } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { HostText } from '../../ui/host-text.tsx'
import { Section } from '../../ui/section.tsx'

export const fileNameOf = ({ id }: Pick<AuthorisationDetail, 'id'>): string => `authorisation-${id}.json`

const VALUES_SHOWN = 20

/** What is signed: in full words, as the command line prints it, and the exact text itself. */
export const RequestText = ({ request }: { request: AuthorisationDetail }) => {
  const names = new Map(request.hosts.map(({ id, name }) => [id, name]))
  return (
    <Section
      title="What is signed"
      about={
        <>
          Every field of the signed text; <code className="mono">rebootless approve</code> prints the same.
        </>
      }
    >
      <dl className="divide-y divide-line border-y border-line">
        {request.text.map(({ field, title, values }) => (
          <div key={field} className="grid gap-x-4 py-1.5 desk:grid-cols-[190px_minmax(0,1fr)]">
            <dt className="text-12 leading-5 text-ink-3">{title}</dt>
            <dd className="min-w-0 wrap-anywhere">
              {values.slice(0, VALUES_SHOWN).map((value) => (
                <Value key={value} value={value} name={field === 'hosts' ? names.get(value.slice(0, 36)) : undefined} />
              ))}
              {values.length > VALUES_SHOWN ? (
                <details>
                  <summary className="quiet-link touch:py-3">and {values.length - VALUES_SHOWN} more</summary>
                  {values.slice(VALUES_SHOWN).map((value) => (
                    <Value
                      key={value}
                      value={value}
                      name={field === 'hosts' ? names.get(value.slice(0, 36)) : undefined}
                    />
                  ))}
                </details>
              ) : null}
            </dd>
          </div>
        ))}
      </dl>
      <h3 className="mt-5 text-12 font-medium text-ink-2">SHA-256 of the exact text</h3>
      <p className="mono mt-0.5 text-[12px] wrap-anywhere select-all">{request.sha256}</p>
      <details className="mt-3">
        <summary className="quiet-link inline-block touch:py-3">The exact text</summary>
        <pre className="mono mt-2 rounded-control bg-sunken p-3 text-[12px] leading-5 whitespace-pre-wrap wrap-anywhere">
          <HostText value={request.payload} max={100_000} />
        </pre>
      </details>
      <div className="mt-3 flex flex-wrap gap-2">
        <CopyButton text={request.payload} label="Copy the text" />
        <a
          href={`data:application/json;charset=utf-8,${encodeURIComponent(request.payload)}`}
          download={fileNameOf(request)}
          className={buttonClass()}
        >
          <Download size={14} aria-hidden />
          Download it
        </a>
      </div>
    </Section>
  )
}

const Value = ({ value, name }: { value: string; name: string | undefined }) => (
  <span className="block">
    <HostText value={value} max={2000} />
    {name === undefined ? null : (
      <span className="text-ink-3">
        {' '}
        (<HostText value={name} max={255} />)
      </span>
    )}
  </span>
)
