import { HostText } from '../../../ui/host-text.tsx'

/** `  - key: value` in its parts. */
const PARTS = /^(\s*(?:- )*)(?:([\w.]+)(:))?(.*)$/

/** A plan as the file that it is, lightly marked: names of fields apart from what stands in them. */
export const PlanYaml = ({ text, label = 'The plan as YAML' }: { text: string; label?: string }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
  <section aria-label={label} tabIndex={0} className="overflow-x-auto rounded-control border border-line-2">
    <ol className="mono w-max min-w-full py-2 text-[12px] leading-5">
      {text
        .trimEnd()
        .split('\n')
        .map((line, index) => {
          const [, lead = '', key = '', colon = '', value = ''] = PARTS.exec(line) ?? []
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place
            <li key={index} className="flex pr-4">
              <span aria-hidden className="w-12 flex-none pr-3 text-right text-ink-3 select-none">
                {index + 1}
              </span>
              <code className="whitespace-pre">
                <span className="text-ink-3">{lead}</span>
                <span className="text-ink-2">{key}</span>
                <span className="text-ink-3">{colon}</span>
                <span className="text-ink">
                  <HostText value={value} max={2000} />
                </span>
              </code>
            </li>
          )
        })}
    </ol>
  </section>
)
