import type { Channel } from '@rebootless/shared/contract/channels.ts'
import type { Report, ReportChange } from '@rebootless/shared/contract/reports.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { api } from '../../../api/client.ts'
import { queryKeys } from '../../../api/query-keys.ts'
import { OpenedAct } from '../../../shell/opened-act.tsx'
import { Refusal } from '../../../shell/refusal.tsx'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { DialogHead } from '../../../ui/dialog-head.tsx'
import { HostText, visibleText } from '../../../ui/host-text.tsx'
import { ReportForm } from './report-form.tsx'
import { Last } from './report-list.tsx'

/** What is done with a report is in the list at once. */
const useReportAct = <Given, Answer>(act: (given: Given) => Promise<Answer>, after?: () => void) => {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: act,
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: queryKeys.reports })
      after?.()
    },
  })
}

export const NewReportDialog = ({ channels, onClose }: { channels: readonly Channel[]; onClose: () => void }) => {
  const create = useReportAct((body: Parameters<typeof send>[0]) => send(body), onClose)
  return (
    <Dialog label="Add a report" onClose={onClose} className="overflow-y-auto">
      <DialogHead title="Add a report" onClose={onClose} />
      <div className="p-4">
        <ReportForm
          report={null}
          channels={channels}
          act="Add the report"
          pending={create.isPending}
          error={create.error}
          onSend={create.mutate}
          aside={
            <Button size="large" onClick={onClose}>
              Cancel
            </Button>
          }
        />
      </div>
    </Dialog>
  )
}
const send = (body: Parameters<Parameters<typeof ReportForm>[0]['onSend']>[0]) => api.post('/api/v1/reports', { body })

const Part = ({ title, children }: { title: string; children: ReactNode }) => (
  <section className="grid gap-3 p-4">
    <h3 className="text-13">{title}</h3>
    {children}
  </section>
)

/** One report: what became of the last, and what can be done with it. */
export const ReportDialog = ({
  report,
  channels,
  onClose,
}: {
  report: Report
  channels: readonly Channel[]
  onClose: () => void
}) => {
  const params = { id: report.id }
  const change = useReportAct((body: ReportChange) => api.patch('/api/v1/reports/:id', { params, body }))
  const [key, setKey] = useState(0)
  return (
    <Dialog label={`Report ${visibleText(report.name, 64)}`} onClose={onClose} className="overflow-y-auto">
      <DialogHead title={<HostText value={report.name} max={64} />} onClose={onClose} />
      <div className="divide-y divide-line">
        <SendPart report={report} />
        <Part title="What it says, when and where">
          <ReportForm
            key={key}
            report={report}
            channels={channels}
            act="Change"
            pending={change.isPending}
            error={change.error}
            onSend={(written) => change.mutate(written, { onSuccess: () => setKey(key + 1) })}
            aside={
              <span role="status" className="text-12 text-ink-3">
                {change.isSuccess ? 'Changed.' : ''}
              </span>
            }
          />
        </Part>
        <OnOffPart report={report} />
        <DeletePart report={report} onClose={onClose} />
      </div>
    </Dialog>
  )
}

const SendPart = ({ report }: { report: Report }) => {
  const now = useReportAct(() => api.post('/api/v1/reports/:id/send', { params: { id: report.id } }))
  return (
    <Part title="How it goes">
      <Last last={report.last} />
      {now.isError ? <Refusal error={now.error} lead="Not sent." /> : null}
      <div className="flex flex-wrap items-center gap-3">
        <Button size="large" disabled={now.isPending} onClick={() => now.mutate(undefined)}>
          Send now
        </Button>
        <span className="text-12 text-ink-3">Beside its schedule, which stays as it is.</span>
      </div>
    </Part>
  )
}

const OnOffPart = ({ report: { id, enabled } }: { report: Report }) => {
  const change = useReportAct((body: ReportChange) => api.patch('/api/v1/reports/:id', { params: { id }, body }))
  return enabled ? (
    <Part title="Turn off">
      <p className="text-ink-2">It is not sent, and what is due meanwhile is not made up for.</p>
      <OpenedAct
        opener="Turn off…"
        act="Turn off"
        lead="Still on."
        pending={change.isPending}
        error={change.error}
        onAct={(reason, done) => change.mutate({ enabled: false, reason }, done)}
      />
    </Part>
  ) : (
    <Part title="Turn on">
      <p className="text-ink-2">It is sent when it is due next.</p>
      {change.isError ? <Refusal error={change.error} lead="Still off." /> : null}
      <div>
        <Button size="large" disabled={change.isPending} onClick={() => change.mutate({ enabled: true })}>
          Turn on
        </Button>
      </div>
    </Part>
  )
}

const DeletePart = ({ report: { id }, onClose }: { report: Report; onClose: () => void }) => {
  const remove = useReportAct(
    (reason: string) => api.delete('/api/v1/reports/:id', { params: { id }, body: { reason } }),
    onClose,
  )
  return (
    <Part title="Delete">
      <p className="text-ink-2">What was sent stays with the channel.</p>
      <OpenedAct
        opener="Delete…"
        act="Delete the report"
        dangerous
        lead="Not deleted."
        pending={remove.isPending}
        error={remove.error}
        onAct={(reason) => remove.mutate(reason)}
      />
    </Part>
  )
}
