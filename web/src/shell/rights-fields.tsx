import { ROLES, type Role } from '@rebootless/shared/domain/words.ts'
import { ChoiceList } from '../ui/choice-list.tsx'
import { ROLE_WORDS } from './role-words.ts'
import { ScopeField } from './scope-field.tsx'

/** `scope` null: the whole fleet; a text, an empty one too: hosts by their labels. */
export interface Rights {
  role: Role
  scope: string | null
}

/** What somebody, or a token, may do, and on which hosts. */
export const RightsFields = ({
  rights,
  onChange,
  refusedRole,
  scopeError,
  refusedFleet,
  aboutRole = (role) => ROLE_WORDS[role].about,
}: {
  rights: Rights
  onChange: (rights: Rights) => void
  /** Why a role cannot be given. */
  refusedRole?: (role: Role) => string | undefined
  /** Why the whole fleet cannot be given. */
  refusedFleet?: string | undefined
  scopeError?: string | undefined
  /** What a role may do here. */
  aboutRole?: (role: Role) => string
}) => (
  <>
    <ChoiceList
      label="Role"
      value={rights.role}
      onChange={(role) => onChange({ ...rights, role })}
      choices={ROLES.map((role) => ({
        value: role,
        label: ROLE_WORDS[role].word,
        about: aboutRole(role),
        refused: refusedRole?.(role),
      }))}
    />
    <div className="grid gap-3">
      <ChoiceList
        label="Hosts"
        value={rights.scope === null ? 'all' : 'some'}
        onChange={(hosts) => onChange({ ...rights, scope: hosts === 'all' ? null : '' })}
        choices={[
          { value: 'all', label: 'The whole fleet', about: 'Every host, also those to come.', refused: refusedFleet },
          { value: 'some', label: 'Hosts with certain labels', about: 'Other hosts are neither seen nor acted on.' },
        ]}
      />
      {rights.scope === null ? null : (
        <ScopeField value={rights.scope} onChange={(scope) => onChange({ ...rights, scope })} error={scopeError} />
      )}
    </div>
  </>
)
