import type { AlertRule } from '@rebootless/shared/contract/alerts.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { HostText } from '../../ui/host-text.tsx'
import { AlertSeverityMark } from './alert-marks.tsx'
import { secondsWord } from './rule-draft.ts'
import { RuleForm } from './rule-form.tsx'
import { Runbook } from './runbook.tsx'
import type { ChannelChoice } from './told-fields.tsx'
import { escalationWords, toldWords } from './told-words.ts'

/** When one rule fires and who is told: for those who may change it as a form, for others as it is; its runbook for everybody. */
export const RuleDialog = ({
  rule,
  channels,
  onClose,
}: {
  rule: AlertRule
  /** Those that a rule can name; null: the reader may not change it. */
  channels: readonly ChannelChoice[] | null
  onClose: () => void
}) => (
  <Dialog label={rule.title} onClose={onClose} className="overflow-y-auto">
    <DialogHead title={rule.title} onClose={onClose} />
    <div className="divide-y divide-line">
      <div className="grid gap-3 p-4">
        {/* Not the reason, which is the last field: who opens it begins at its head. */}
        <p tabIndex={-1} data-autofocus className="outline-none">
          {rule.about}
        </p>
        {channels === null ? <Settings rule={rule} /> : null}
      </div>
      {channels === null ? null : <RuleForm rule={rule} channels={channels} onClose={onClose} />}
      <div className="p-4">
        <h3 className="mb-2 text-13">Runbook</h3>
        <Runbook markdown={rule.runbook.replace(/^# .*\n/, '')} />
      </div>
    </div>
  </Dialog>
)

const Settings = ({ rule }: { rule: AlertRule }) => {
  const { enabled, severity, threshold, forSeconds, quietSeconds, repeatMinutes, hosts } = rule.settings
  const steps = escalationWords(rule)
  const rows = [
    ['Urgency', enabled ? <AlertSeverityMark key="" severity={severity} /> : 'it is off'],
    ...(threshold === null ? [] : [['Threshold', `${threshold} ${rule.thresholdUnit ?? ''}`] as const]),
    ['Fires', forSeconds === 0 ? 'at once' : `once it is so for ${secondsWord(forSeconds)}`],
    ['Over', quietSeconds === 0 ? 'at once' : `once it is not so for ${secondsWord(quietSeconds)}`],
    ['Only hosts', hosts === null ? 'all' : <HostText key="" value={hosts} max={1000} />],
    ['Told', <HostText key="" value={toldWords(rule)} max={400} />],
    ['Told again', repeatMinutes === null ? 'not' : `every ${secondsWord(repeatMinutes * 60)}, till it is taken up`],
    ['Escalates', steps.length === 0 ? 'not' : <HostText key="" value={steps.join('; ')} max={1000} />],
  ] as const
  return (
    <>
      <dl aria-label="Settings" className="grid grid-cols-[96px_minmax(0,1fr)] gap-x-4 gap-y-1 text-12">
        {rows.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-ink-3">{name}</dt>
            <dd className="wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
      <p className="text-12 text-ink-3">Admins of the whole fleet change it.</p>
    </>
  )
}
