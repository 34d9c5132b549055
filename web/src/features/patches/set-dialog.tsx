import type { PatchDetail, PatchSummary } from '@rebootless/shared/contract/patches.ts'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { Refusal } from '../../shell/refusal.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { HostText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { MadeEntryForm } from './made-entry-form.tsx'
import { kernelWord } from './patch-marks.tsx'
import { modulesQuery } from './queries.ts'

const kernelOf = ({ module }: PatchSummary): string => (module === null ? '' : kernelWord(module))

/** One fix for several kernels, made of modules that are there. */
export const SetDialog = ({
  first,
  onMade,
  onClose,
}: {
  /** Chosen already. */
  first: readonly string[]
  onMade: (made: PatchDetail) => void
  onClose: () => void
}) => {
  const modules = useQuery(modulesQuery)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(first))
  const items = modules.data?.items ?? []
  const kernels = items.filter(({ id }) => chosen.has(id)).map(kernelOf)
  const twice = kernels.find((kernel, index) => kernels.indexOf(kernel) < index)
  const missing =
    chosen.size === 0
      ? 'No module is chosen yet.'
      : twice === undefined
        ? null
        : `Two of them are for ${twice}: a set has one for each kernel.`
  const toggle = (id: string) =>
    setChosen((before) => new Set(before.has(id) ? [...before].filter((one) => one !== id) : [...before, id]))
  return (
    <Dialog label="Make a set" onClose={onClose} className="overflow-y-auto">
      <DialogHead title="Make a set" onClose={onClose} />
      <MadeEntryForm
        act="Make the set"
        nameHint="What the fix is called, whatever the kernel: livepatch-nfs-2026-11."
        missing={missing}
        make={(given) => api.post('/api/v1/patch-sets', { body: { ...given, modules: [...chosen] } })}
        onMade={onMade}
        onClose={onClose}
      >
        <fieldset className="grid gap-1.5">
          <legend className="mb-1.5 text-12 font-medium text-ink-2">Modules, one for each kernel</legend>
          {modules.isPending ? (
            <div aria-busy="true" className="grid gap-2 py-2">
              <Placeholder className="w-64" />
              <Placeholder className="w-40" />
            </div>
          ) : modules.isError ? (
            <Refusal error={modules.error} lead="The modules could not be listed." />
          ) : items.length === 0 ? (
            <p className="text-ink-3">No module has been uploaded yet.</p>
          ) : (
            <div className="max-h-60 divide-y divide-line overflow-y-auto rounded-control border border-line-2">
              {items.map((patch) => (
                <label
                  key={patch.id}
                  className="flex cursor-pointer gap-2.5 px-3 py-2 transition-colors hover:bg-hover has-checked:bg-ink/6 touch:min-h-11"
                >
                  <input
                    type="checkbox"
                    checked={chosen.has(patch.id)}
                    onChange={() => toggle(patch.id)}
                    className="mt-1 size-3.5 flex-none accent-ink"
                  />
                  <span className="min-w-0">
                    <span className="font-medium">
                      <HostText value={patch.name} max={64} />
                    </span>
                    <span className="mono block text-[12px] text-ink-3">
                      <HostText value={kernelOf(patch)} max={160} />
                    </span>
                  </span>
                </label>
              ))}
            </div>
          )}
        </fieldset>
      </MadeEntryForm>
    </Dialog>
  )
}
