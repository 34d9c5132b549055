import type { ModuleFacts } from '@rebootless/shared/contract/module-facts.ts'
import type { ReactNode } from 'react'
import { plural } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'

const MAKERS: Readonly<Record<ModuleFacts['maker'], string>> = {
  kpatch: 'kpatch-build',
  'klp-build': 'klp-build, the kernel’s own tool',
  source: 'hand, from source',
  unknown: 'a tool that its tables do not show',
}

/** What a module says of itself. What its file does not show is said to be not shown, never left out as if it were not there. */
export const ModuleFactList = ({ facts }: { facts: ModuleFacts }) => {
  const callbacks = (facts.objects ?? []).filter((object) => object.callbacks.length > 0)
  return (
    <dl>
      <Fact word="Name">
        <Code value={facts.name} />
      </Fact>
      <Fact word="Built for" about="vermagic, which the kernel compares with its own">
        <Code value={facts.vermagic.trim()} />
        <span className="block text-12 text-ink-3">
          {facts.architecture}, {facts.modversions ? 'with symbol versions' : 'without symbol versions'}
        </span>
      </Fact>
      <Fact word="Functions">
        {facts.objects === null ? (
          <>
            not read
            {facts.unread === null ? null : (
              <span className="block text-12 text-ink-3">
                <HostText value={facts.unread} />
              </span>
            )}
          </>
        ) : (
          <>
            {plural(
              facts.objects.reduce((sum, { functions }) => sum + functions.length, 0),
              'function',
            )}{' '}
            in {plural(facts.objects.length, 'object')}
            <span className="block text-12 text-ink-3">
              <HostText value={facts.objects.map(({ name }) => name ?? 'vmlinux').join(', ')} />
            </span>
          </>
        )}
      </Fact>
      <Fact word="Cumulative" about="replace: it takes the place of all livepatches before it">
        {facts.replace === null
          ? 'not shown by the file'
          : facts.replace
            ? 'yes, it takes the place of all before it'
            : 'no, it goes on top'}
      </Fact>
      <Fact word="Callbacks">
        {facts.objects === null ? (
          'not read'
        ) : callbacks.length === 0 ? (
          'none'
        ) : (
          <ul>
            {callbacks.map(({ name, callbacks: kinds }) => (
              <li key={name ?? 'vmlinux'}>
                <Code value={name ?? 'vmlinux'} />: {kinds.join(', ')}
              </li>
            ))}
          </ul>
        )}
      </Fact>
      <Fact word="Shadow variables">
        {facts.shadowVariables.length === 0 ? 'none' : <Code value={facts.shadowVariables.join(', ')} />}
      </Fact>
      <Fact word="States" about="klp_state: what it changes beyond code">
        {facts.states === null ? (
          'not read'
        ) : facts.states.length === 0 ? (
          'none'
        ) : (
          <HostText value={facts.states.map(({ id, version }) => `${id} version ${version}`).join(', ')} max={1000} />
        )}
      </Fact>
      <Fact word="Module signature" about="Of the kind that the kernel checks when it loads a module">
        {facts.signature === null ? (
          'unsigned'
        ) : (
          <>
            <HostText value={facts.signature.signer ?? 'signer not shown'} max={256} />
            <span className="block text-12 text-ink-3">
              <HostText value={facts.signature.hash ?? 'hash not shown'} max={32} />,{' '}
              <HostText value={facts.signature.algorithm ?? 'algorithm not shown'} max={32} />
              {facts.signature.keyId === null ? null : (
                <>
                  , key <Code value={facts.signature.keyId} />
                </>
              )}
            </span>
          </>
        )}
      </Fact>
      <Fact word="Needs">{facts.depends.length === 0 ? 'no module' : <Code value={facts.depends.join(', ')} />}</Fact>
      <Fact word="Made by">{MAKERS[facts.maker]}</Fact>
      <Fact word="Version">{facts.version === null ? 'not given' : <Code value={facts.version} />}</Fact>
      <Fact word="Source version" about="srcversion: a hash over its source files">
        {facts.srcversion === null ? 'not given' : <Code value={facts.srcversion} />}
      </Fact>
      <Fact word="Build id">{facts.buildId === null ? 'not given' : <Code value={facts.buildId} />}</Fact>
      <Fact word="Description">
        {facts.description === null ? 'not given' : <HostText value={facts.description} max={1000} />}
      </Fact>
      <Fact word="Author">{facts.author === null ? 'not given' : <HostText value={facts.author} />}</Fact>
      <Fact word="Licence">{facts.licence === null ? 'not given' : <HostText value={facts.licence} />}</Fact>
    </dl>
  )
}

const Fact = ({ word, about, children }: { word: string; about?: string; children: ReactNode }) => (
  <div className="grid grid-cols-[124px_minmax(0,1fr)] gap-x-3 border-b border-line py-2 last:border-b-0">
    <dt className="text-ink-3" title={about}>
      {word}
    </dt>
    <dd className="min-w-0 wrap-anywhere">{children}</dd>
  </div>
)

const Code = ({ value }: { value: string }) => (
  <span className="mono text-[12px]">
    <HostText value={value} />
  </span>
)
