import { useMutation } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { count } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { StateGlyph } from '../../ui/state-glyph.tsx'

/** Sends a real message at once, and shows what came back. */
export const TestPart = ({ id }: { id: string }) => {
  const test = useMutation({ mutationFn: () => api.post('/api/v1/channels/:id/test', { params: { id } }) })
  const answer = test.data
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Button size="large" disabled={test.isPending} onClick={() => test.mutate()}>
          Send a test
        </Button>
        <span className="min-w-0 text-12 text-ink-3">A message of the type channel.tested, past whatever waits.</span>
      </div>
      <div role="status">
        {test.isPending ? <p className="text-ink-3">It is on its way; ten seconds are waited for.</p> : null}
        {answer === undefined || test.isPending ? null : (
          <div className="flex animate-appear gap-2.5 rounded-control border border-line bg-sunken px-3 py-2.5">
            <span className="pt-0.5">
              <StateGlyph state={answer.delivered ? 'applied' : 'failed'} />
            </span>
            <div className="grid min-w-0 gap-1">
              <p>
                <span className={`font-medium ${answer.delivered ? '' : 'text-danger-text'}`}>
                  <HostText value={answer.detail} max={700} />
                </span>{' '}
                <span className="text-ink-3">{count(answer.milliseconds)} ms</span>
              </p>
              {answer.answer === '' ? null : (
                <pre className="mono overflow-x-auto text-[12px] wrap-anywhere whitespace-pre-wrap text-ink-2">
                  <HostText value={answer.answer} max={500} />
                </pre>
              )}
            </div>
          </div>
        )}
      </div>
      {test.isError ? <Refusal error={test.error} lead="Not sent." /> : null}
    </div>
  )
}
