import { CHANNEL_FACTS, type ChannelKind } from '@rebootless/shared/domain/channel-words.ts'
import { Field } from '../../ui/field.tsx'
import { type ChannelDraft, hasPages, type mistakesOf } from './channel-draft.ts'

export const PLAIN = { autoComplete: 'off', autoCapitalize: 'none', spellCheck: false } as const

export interface FieldsProps {
  readonly draft: ChannelDraft
  readonly mistakes: ReturnType<typeof mistakesOf>
  readonly onChange: (change: Partial<ChannelDraft>) => void
}

interface Words {
  readonly label: string
  readonly placeholder: string
  readonly hint: string
}
const PUBLIC = 'By HTTPS and public, or in one of the networks that OUTGOING_NETWORKS names.'

const ADDRESSES: Readonly<Record<ChannelKind, Words>> = {
  webhook: { label: 'Address', placeholder: 'https://hooks.example/rebootless', hint: PUBLIC },
  grafana: { label: 'Address of Grafana', placeholder: 'https://grafana.example', hint: PUBLIC },
  slack: {
    label: 'Webhook URL',
    placeholder: 'https://hooks.slack.com/services/…',
    hint: 'In Slack: your app, Features, Incoming Webhooks, Add New Webhook. Whoever has it may write there, so it is not shown again.',
  },
  teams: {
    label: 'URL of the workflow',
    placeholder: 'https://…logic.azure.com/workflows/…',
    hint: 'In Teams: the channel’s Workflows, “Send webhook alerts to a channel”. Whoever has it may write there, so it is not shown again.',
  },
  pagerduty: {
    label: 'Address of the Events API',
    placeholder: 'https://events.pagerduty.com',
    hint: 'Accounts in the European Union have https://events.eu.pagerduty.com.',
  },
  smtp: {
    label: 'Mail server',
    placeholder: 'smtp://mail.example:587',
    hint: 'smtp:// begins TLS by STARTTLS, smtps:// with it. Without TLS only where OUTGOING_NETWORKS names it.',
  },
  alertmanager: {
    label: 'Address of Alertmanager',
    placeholder: 'https://alertmanager.example',
    hint: 'That of its pages, without /api. Of several that form a cluster, add each as a channel.',
  },
}

const TOKENS: Readonly<Partial<Record<ChannelKind, { label: string; hint: string }>>> = {
  grafana: {
    label: 'Token',
    hint: 'Of a service account that may read and write annotations: the role Editor. It is not shown again.',
  },
  pagerduty: {
    label: 'Routing key',
    hint: 'In PagerDuty: the service, Integrations, Events API V2, Integration Key. It is not shown again.',
  },
  smtp: { label: 'Password', hint: 'It is not shown again.' },
  alertmanager: {
    label: 'Password or token',
    hint: 'Without a user it is sent as a bearer’s token; empty where Alertmanager asks for none. It is not shown again.',
  },
}

/** Where a channel leads. `known`: it is there already, and its secrets are kept unless others are given. */
export const PlaceFields = ({ draft, mistakes, onChange, known = false }: FieldsProps & { known?: boolean }) => {
  const { kind } = draft
  const place = ADDRESSES[kind]
  const keepsAddress = known && CHANNEL_FACTS[kind].addressIsSecret
  return (
    <>
      <Field label="Name" error={mistakes.name} hint="What it is called here and in the audit log.">
        {(control) => (
          <input
            {...control}
            data-autofocus={known ? undefined : true}
            autoComplete="off"
            maxLength={64}
            value={draft.name}
            onChange={(event) => onChange({ name: event.target.value })}
          />
        )}
      </Field>
      <Field
        label={keepsAddress ? `Another ${place.label} (optional)` : place.label}
        error={mistakes.address}
        hint={place.hint}
      >
        {(control) => (
          <input
            {...control}
            {...PLAIN}
            type={CHANNEL_FACTS[kind].addressIsSecret ? 'password' : 'url'}
            inputMode="url"
            placeholder={place.placeholder}
            maxLength={1000}
            value={draft.address}
            onChange={(event) => onChange({ address: event.target.value })}
          />
        )}
      </Field>
      {kind === 'smtp' ? <MailFields draft={draft} mistakes={mistakes} onChange={onChange} /> : null}
      <Login draft={draft} mistakes={mistakes} onChange={onChange} known={known} />
      {hasPages(kind) ? (
        <Field
          label="Address of these pages (optional)"
          error={mistakes.pages}
          hint="Links in messages begin with it, as their readers reach this server. Empty: no links."
        >
          {(control) => (
            <input
              {...control}
              {...PLAIN}
              type="url"
              inputMode="url"
              placeholder={location.origin}
              maxLength={300}
              value={draft.pages}
              onChange={(event) => onChange({ pages: event.target.value })}
            />
          )}
        </Field>
      ) : null}
    </>
  )
}

const MailFields = ({ draft, mistakes, onChange }: FieldsProps) => (
  <>
    <Field label="From" error={mistakes.from} hint="An address that this server may send for.">
      {(control) => (
        <input
          {...control}
          {...PLAIN}
          type="email"
          inputMode="email"
          placeholder="rebootless@example.org"
          maxLength={254}
          value={draft.from}
          onChange={(event) => onChange({ from: event.target.value })}
        />
      )}
    </Field>
    <Field label="To" error={mistakes.to} hint="At most twenty, a line or a comma between two; all see one another.">
      {(control) => (
        <textarea
          {...control}
          {...PLAIN}
          className={`${control.className} h-auto min-h-18 py-1.5 touch:h-auto`}
          rows={3}
          inputMode="email"
          maxLength={6000}
          value={draft.to}
          onChange={(event) => onChange({ to: event.target.value })}
        />
      )}
    </Field>
  </>
)

const Login = ({ draft, mistakes, onChange, known }: FieldsProps & { known: boolean }) => {
  const words = TOKENS[draft.kind]
  if (words === undefined) return null
  const optional = CHANNEL_FACTS[draft.kind].token === 'optional'
  return (
    <>
      {optional ? (
        <Field label="User (optional)" error={mistakes.user} hint="Empty where it asks for none.">
          {(control) => (
            <input
              {...control}
              {...PLAIN}
              maxLength={200}
              value={draft.user}
              onChange={(event) => onChange({ user: event.target.value })}
            />
          )}
        </Field>
      ) : null}
      <Field
        label={
          known
            ? `Another ${words.label.toLowerCase()} (optional)`
            : optional
              ? `${words.label} (optional)`
              : words.label
        }
        error={mistakes.token}
        hint={words.hint}
      >
        {(control) => (
          <input
            {...control}
            {...PLAIN}
            type="password"
            maxLength={1000}
            value={draft.token}
            onChange={(event) => onChange({ token: event.target.value })}
          />
        )}
      </Field>
    </>
  )
}
