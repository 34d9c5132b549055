import { Button } from '../../ui/button.tsx'
import { HostText } from '../../ui/host-text.tsx'
import { Notice } from '../../ui/notice.tsx'
import { StateGlyph } from '../../ui/state-glyph.tsx'
import { type AlertsAsked, narrowingsOf } from './alerts-asked.ts'
import type { AlertsChange } from './alerts-bar.tsx'

/** No alert: all is well, or the question keeps them out; then each part of it can be left out. */
export const NoAlert = ({
  asked,
  titles,
  onChange,
}: {
  asked: AlertsAsked
  titles: ReadonlyMap<string, string>
  onChange: (change: AlertsChange) => void
}) => {
  const narrowings = narrowingsOf(asked, titles)
  if (narrowings.length === 0) {
    return (
      <Notice mark={<StateGlyph state="patched" size={20} />} title="Nothing needs anybody">
        <p>
          An alert comes by itself when a transition stalls, a patch is forced or fails, a kernel has an oops, a date of
          the SLA passes, or Rebootless itself is in trouble; hosts with one cause are one alert.
        </p>
      </Notice>
    )
  }
  return (
    <Notice
      mark={<StateGlyph state="unsupported" size={20} />}
      title="No alert matches"
      actions={
        <>
          {narrowings.map(({ key, widen }) => (
            <Button key={key} size="large" onClick={() => onChange({ [key]: undefined })}>
              {widen}
            </Button>
          ))}
          {narrowings.length === 1 ? null : (
            <Button
              size="large"
              kind="primary"
              onClick={() => onChange(Object.fromEntries(narrowings.map(({ key }) => [key, undefined])))}
            >
              All that are open
            </Button>
          )}
        </>
      }
    >
      <p className="wrap-anywhere">
        There are none <HostText value={narrowings.map(({ what }) => what).join(', ')} max={1300} />.
      </p>
    </Notice>
  )
}
