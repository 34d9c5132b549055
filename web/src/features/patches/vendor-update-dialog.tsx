import type { PatchDetail } from '@rebootless/shared/contract/patches.ts'
import { providerTitle } from '@rebootless/shared/domain/provider-facts.ts'
import { UPDATABLE_PROVIDERS, type UpdatableProvider } from '@rebootless/shared/domain/updatable-providers.ts'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { ChoiceList } from '../../ui/choice-list.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { Field } from '../../ui/field.tsx'
import { MadeEntryForm } from './made-entry-form.tsx'
import { NotesField } from './remarks-fields.tsx'

const TOOLS: Readonly<Record<UpdatableProvider, string>> = {
  ksplice: 'Its tool is uptrack-upgrade.',
  kernelcare: 'Its tool is kcarectl --update.',
  canonical: 'Its tool is canonical-livepatch refresh.',
  kpatch: 'Red Hat’s and Amazon’s package for the running kernel, by dnf or yum; then kpatch loads it.',
  klp: 'SUSE’s package for the running kernel, by zypper.',
}

/** A level that a vendor's tool is to reach: nothing is uploaded. */
export const VendorUpdateDialog = ({
  onMade,
  onClose,
}: {
  onMade: (made: PatchDetail) => void
  onClose: () => void
}) => {
  const [provider, setProvider] = useState<UpdatableProvider>('ksplice')
  const [level, setLevel] = useState('')
  const [vendorNotes, setVendorNotes] = useState('')
  return (
    <Dialog label="Enter a vendor’s update" onClose={onClose} className="overflow-y-auto">
      <DialogHead title="Enter a vendor’s update" onClose={onClose} />
      <MadeEntryForm
        act="Enter it"
        nameHint="What it is called here."
        missing={null}
        make={(given) =>
          api.post('/api/v1/vendor-updates', {
            body: { ...given, provider, level: level.trim() || null, vendorNotes: vendorNotes.trim() },
          })
        }
        onMade={onMade}
        onClose={onClose}
      >
        <ChoiceList
          label="System"
          value={provider}
          onChange={setProvider}
          choices={UPDATABLE_PROVIDERS.map((value) => ({
            value,
            label: providerTitle(value),
            about: TOOLS[value],
          }))}
        />
        <Field
          label="Level to be reached"
          hint="As the tool names it once it is there: a kernel release for most, the version of SUSE’s or Red Hat’s package. Left empty: whatever the vendor has newest."
        >
          {(control) => (
            <input
              {...control}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              value={level}
              maxLength={128}
              onChange={(event) => setLevel(event.target.value)}
            />
          )}
        </Field>
        <NotesField
          label="The vendor’s notes"
          hint="Paste them as they are: CVEs that they name count as the vendor’s word."
          value={vendorNotes}
          onChange={setVendorNotes}
        />
      </MadeEntryForm>
    </Dialog>
  )
}
