import type { Channel } from '@rebootless/shared/contract/channels.ts'
import type { NewReport, Report } from '@rebootless/shared/contract/reports.ts'
import { CHANNEL_FACTS } from '@rebootless/shared/domain/channel-words.ts'
import { parseComplianceFilter } from '@rebootless/shared/domain/compliance/host-filter.ts'
import { isTimeZone } from '@rebootless/shared/domain/rollouts/windows.ts'
import { type FormEvent, type ReactNode, useState } from 'react'
import { flushSync } from 'react-dom'
import { Refusal } from '../../../shell/refusal.tsx'
import { Button } from '../../../ui/button.tsx'
import { ChoiceList } from '../../../ui/choice-list.tsx'
import { Field, PLAIN } from '../../../ui/field.tsx'
import { TimeZoneField } from '../time-zone-field.tsx'
import { REPORT_KIND_WORDS, WEEKDAY_WORDS } from './report-words.ts'

interface Draft {
  readonly name: string
  readonly filter: string
  readonly kind: 'weekly' | 'monthly'
  readonly weekday: number
  readonly day: number
  readonly hour: number
  readonly timeZone: string
  readonly channelId: string
  readonly attachCsv: boolean
}

const ownTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'

const draftOf = (report: Report | null): Draft => {
  const { hour = 8, timeZone = ownTimeZone() } = report?.schedule ?? {}
  return {
    ...{
      name: report?.name ?? '',
      filter: report?.filter ?? '',
      kind: report?.schedule.kind ?? 'weekly',
      hour,
      timeZone,
    },
    weekday: report?.schedule.kind === 'weekly' ? report.schedule.weekday : 1,
    day: report?.schedule.kind === 'monthly' ? report.schedule.day : 1,
    ...{ channelId: report?.channel?.id ?? '', attachCsv: report?.attachCsv ?? false },
  }
}

type Mistakes = Partial<Record<'name' | 'filter' | 'timeZone' | 'channelId', string>>
const mistakesOf = (draft: Draft): Mistakes => {
  const parsed = parseComplianceFilter(draft.filter)
  return {
    ...(draft.name.trim() === '' ? { name: 'Give it a name.' } : {}),
    ...(parsed.ok ? {} : { filter: parsed.detail }),
    ...(isTimeZone(draft.timeZone) ? {} : { timeZone: 'Write a time zone, such as Europe/Berlin or UTC.' }),
    ...(draft.channelId === '' ? { channelId: 'Choose where it goes.' } : {}),
  }
}

const writtenOf = ({ name, filter, kind, weekday, day, hour, timeZone, channelId, attachCsv }: Draft): NewReport => ({
  ...{ name: name.trim(), filter: filter.trim(), channelId, attachCsv },
  schedule: kind === 'weekly' ? { kind, weekday, hour, timeZone } : { kind, day, hour, timeZone },
})

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)

/** What a report says, when, and where it goes. `report` null: a new one. */
export const ReportForm = ({
  report,
  channels,
  act,
  pending,
  error,
  aside,
  onSend,
}: {
  report: Report | null
  channels: readonly Channel[]
  /** What the button says. */
  act: string
  pending: boolean
  error: Error | null
  aside?: ReactNode
  onSend: (written: NewReport) => void
}) => {
  const [draft, setDraft] = useState(() => draftOf(report))
  const [tried, setTried] = useState(false)
  const fit = channels.filter(({ kind }) => CHANNEL_FACTS[kind].reports)
  const isMail = fit.find(({ id }) => id === draft.channelId)?.kind === 'smtp'
  const mistakes = mistakesOf(draft)
  const shown = tried ? mistakes : {}
  const change = (one: Partial<Draft>) => setDraft((before) => ({ ...before, ...one }))
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (pending) return
    if (Object.keys(mistakes).length === 0) return onSend(writtenOf({ ...draft, attachCsv: draft.attachCsv && isMail }))
    flushSync(() => setTried(true))
    event.currentTarget.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }
  return (
    <form noValidate aria-label="What it says, when and where" className="grid gap-5" onSubmit={submit}>
      <Field label="Name" error={shown.name} hint="The subject of a mail begins with it.">
        {(control) => (
          <input
            {...control}
            data-autofocus={report === null ? true : undefined}
            autoComplete="off"
            maxLength={64}
            value={draft.name}
            onChange={({ target }) => change({ name: target.value })}
          />
        )}
      </Field>
      <Field
        label="Hosts"
        error={shown.filter}
        hint="Words such as label.owner:web; empty: all that the channel may be told of."
      >
        {(control) => (
          <input
            {...control}
            {...PLAIN}
            placeholder="all hosts"
            maxLength={1000}
            value={draft.filter}
            onChange={({ target }) => change({ filter: target.value })}
            className={`${control.className} mono placeholder:text-ink-3`}
          />
        )}
      </Field>
      <ChoiceList
        label="How often"
        value={draft.kind}
        onChange={(kind) => change({ kind })}
        choices={[
          { value: 'weekly', label: 'Every week', about: 'On one day of it.' },
          { value: 'monthly', label: 'Every month', about: 'A month without the day has its last day instead.' },
        ]}
      />
      <div className="grid grid-cols-[1fr_1fr_2fr] gap-3 max-desk:grid-cols-2">
        <Field label="Day">
          {(control) =>
            draft.kind === 'weekly' ? (
              <select
                {...control}
                value={draft.weekday}
                onChange={({ target }) => change({ weekday: Number(target.value) })}
              >
                {WEEKDAY_WORDS.map((word, index) => (
                  <option key={word} value={index + 1}>
                    {word}
                  </option>
                ))}
              </select>
            ) : (
              <select {...control} value={draft.day} onChange={({ target }) => change({ day: Number(target.value) })}>
                {numbers(1, 31).map((day) => (
                  <option key={day}>{day}</option>
                ))}
              </select>
            )
          }
        </Field>
        <Field label="Hour">
          {(control) => (
            <select {...control} value={draft.hour} onChange={({ target }) => change({ hour: Number(target.value) })}>
              {numbers(0, 23).map((hour) => (
                <option key={hour} value={hour}>
                  {String(hour).padStart(2, '0')}:00
                </option>
              ))}
            </select>
          )}
        </Field>
        <div className="max-desk:col-span-2">
          <TimeZoneField value={draft.timeZone} error={shown.timeZone} onChange={(timeZone) => change({ timeZone })} />
        </div>
      </div>
      <Field
        label="Channel"
        error={shown.channelId}
        hint={
          fit.length === 0
            ? 'There is none yet that takes reports: add mail, Slack, Teams or a webhook under Settings, Notification channels.'
            : 'Others than these take no reports. Of a channel with a scope only its hosts are told.'
        }
      >
        {(control) => (
          <select {...control} value={draft.channelId} onChange={({ target }) => change({ channelId: target.value })}>
            <option value="">Choose one</option>
            {fit.map(({ id, name, kind }) => (
              <option key={id} value={id}>
                {name}, {REPORT_KIND_WORDS[kind]}
              </option>
            ))}
          </select>
        )}
      </Field>
      {isMail ? (
        <label className="flex cursor-pointer gap-2 touch:min-h-11 touch:items-center">
          <input
            type="checkbox"
            className="mt-1 size-3.5 flex-none accent-ink touch:mt-0"
            checked={draft.attachCsv}
            onChange={({ target }) => change({ attachCsv: target.checked })}
          />
          <span>
            Attach what is open as CSV
            <span className="block text-12 text-ink-3">
              A row for each host and CVE. Too large for mail, it stands behind the link.
            </span>
          </span>
        </label>
      ) : null}
      {error === null ? null : <Refusal error={error} lead="Not saved." />}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" size="large" kind="primary" disabled={pending} className="disabled:bg-sunken">
          {act}
        </Button>
        {aside}
      </div>
    </form>
  )
}
